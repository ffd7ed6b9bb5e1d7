/**
 * A Vite plugin: Monaco's modules import some 80 stylesheets, which Astro would link on every lesson page
 * (175 kB). They become empty here; the editor brings the one bundled stylesheet when it opens.
 */
interface Stub {
  readonly name: string;
  readonly enforce: 'pre';
  load(id: string): string | undefined;
}

export function monacoStyles(): Stub {
  return {
    name: 'palestra-monaco-styles',
    enforce: 'pre',
    load: (id) => (isMonacoStyle(id) ? '' : undefined),
  };
}

export function isMonacoStyle(id: string): boolean {
  return /\/monaco-editor\/esm\/[^?]*\.css$/.test(id);
}
