/** Tells what the page's tokens are, now and whenever the reader changes the theme. */
export function followTheme(paint: (tokens: CSSStyleDeclaration, dark: boolean) => void): Disposable {
  const root = document.documentElement;
  const tell = (): void => paint(getComputedStyle(root), root.dataset['theme'] === 'dark');
  tell();
  const observer = new MutationObserver(tell);
  observer.observe(root, { attributes: true, attributeFilter: ['data-theme'] });
  return { [Symbol.dispose]: () => observer.disconnect() };
}
