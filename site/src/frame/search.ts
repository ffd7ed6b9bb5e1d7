/** Pagefind's interface, brought in when somebody searches: 25 kB that no page pays for before. */
import ourStyles from './search.css?url';
import { PagefindUI, type SearchResult } from '@pagefind/default-ui';

/** what the indexer writes beside its index */
const uiStyles = '/pagefind/pagefind-ui.css';
const opened = new WeakSet<HTMLElement>();

/** @param typed what was typed while this was on its way */
export async function openSearch(search: HTMLElement, typed: () => string): Promise<void> {
  const place = search.querySelector<HTMLElement>('.found');
  if (place === null) return;
  if (!opened.has(search)) {
    opened.add(search);
    await Promise.all([uiStyles, ourStyles].map(styled));
    new PagefindUI({
      element: place,
      bundlePath: '/pagefind/',
      showImages: false,
      showSubResults: true,
      translations: translations(search),
      processResult: atThePage,
    });
  }
  const field = place.querySelector('input');
  field?.focus();
  if (!field || typed() === '') return;
  field.value += typed();
  field.dispatchEvent(new Event('input'));
}

/** Our h1 has an id: what is found under it is found at the page itself, not in a part of it. */
function atThePage(result: SearchResult): void {
  for (const part of result.sub_results) part.url = part.url.replace(/#_top$/, '');
}

function translations(search: HTMLElement): Record<string, string> {
  const placeholder = search.dataset['placeholder'] ?? '';
  const own = search.dataset['translations'];
  return { placeholder, ...(own === undefined ? {} : (JSON.parse(own) as Record<string, string>)) };
}

function styled(href: string): Promise<void> {
  return new Promise((resolve) => {
    const link = document.createElement('link');
    link.rel = 'stylesheet';
    link.href = href;
    link.onload = link.onerror = () => {
      resolve();
    };
    document.head.append(link);
  });
}
