/** SURLs: what a submitter calls the place of a file, and the https address that we ask. */

/** @throws RangeError whose sentence says what is wrong with it */
export function addressOf(surl: string): URL {
  const match = /^(davs|https):\/\/([^/?#@\s]+)(\/[^?#]*)$/u.exec(surl);
  const [, , host = '', path = ''] = match ?? [];
  if (match === null)
    throw new RangeError(`${shown(surl)} is no davs:// or https:// address of a file (without ? and #).`);
  if (/[\u0000-\u001f\u007f]/u.test(surl)) throw new RangeError(`${shown(surl)} holds a control character.`);
  if (path.split('/').some(isDots)) throw new RangeError(`${shown(surl)} holds . or .. as a folder.`);
  if (path.endsWith('/')) throw new RangeError(`${shown(surl)} is a folder.`);
  const url = URL.parse(`https://${host}${path}`);
  if (url === null) throw new RangeError(`${shown(surl)} is no address.`);
  return url;
}

/** `host:port`, the name of an element in limits and bans */
export function elementOf(url: URL): string {
  return `${url.hostname}:${url.port === '' ? '443' : url.port}`;
}
/** as the page shows it: the name of the host alone */
export function siteOf(element: string): string {
  return element.replace(/:\d+$/, '');
}

/** `.`, `..` and every way of writing them, `%2e%2e` too: a URL parser would silently resolve them (T31). */
function isDots(segment: string): boolean {
  return /^(?:\.|%2e){1,2}$/i.test(segment) || /(?:\\|%5c|%2f|%00)/i.test(segment);
}

function shown(surl: string): string {
  return JSON.stringify(surl.slice(0, 200));
}
