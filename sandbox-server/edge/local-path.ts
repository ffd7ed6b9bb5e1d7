/**
 * Where a person goes after signing in: a path of this very site (T14).
 * @returns path, query and fragment; `/` for whatever is anything else.
 */
export function localPath(next: string | undefined): string {
  if (next === undefined || next.length > 2000) return '/';
  // a browser reads `\` as `/`, drops tabs and line ends, and takes `//x` for a host
  if (!next.startsWith('/') || /[\\\p{Cc}]/u.test(next) || /^\/(?:\/|%2f|%5c)/i.test(next)) return '/';
  const url = URL.parse(next, 'http://site.invalid');
  if (url?.origin !== 'http://site.invalid' || url.pathname.startsWith('//')) return '/';
  return url.pathname + url.search + url.hash;
}
