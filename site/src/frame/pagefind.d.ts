declare module '@pagefind/default-ui' {
  export interface SearchResult {
    url: string;
    sub_results: { url: string }[];
  }
  export interface PagefindOptions {
    element: string | HTMLElement;
    bundlePath: string;
    showImages: boolean;
    showSubResults: boolean;
    translations: Record<string, string>;
    processResult: (result: SearchResult) => void;
  }
  export class PagefindUI {
    constructor(options: PagefindOptions);
  }
}
