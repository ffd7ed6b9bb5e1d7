declare module '@pagefind/default-ui' {
  export interface PagefindOptions {
    element: string | HTMLElement;
    bundlePath: string;
    showImages: boolean;
    showSubResults: boolean;
    translations: Record<string, string>;
  }
  export class PagefindUI {
    constructor(options: PagefindOptions);
  }
}
