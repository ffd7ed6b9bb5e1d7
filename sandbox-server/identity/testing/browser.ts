/** As much of a browser as a sign-in needs: a cookie jar by name and path, and redirects followed by hand. */

interface Cookie {
  readonly value: string;
  readonly path: string;
}
export interface Page {
  readonly url: URL;
  readonly status: number;
  readonly body: string;
  readonly headers: Headers;
}
export interface Browser {
  get(url: string | URL): Promise<Page>;
  post(url: string | URL, form: Record<string, string>): Promise<Page>;
  /** one request, its redirect not followed */
  ask(url: string | URL, init?: RequestInit): Promise<Page>;
  cookie(name: string): string | undefined;
  setCookie(name: string, value: string, path?: string): void;
  /** every address asked, in order */
  readonly visited: readonly string[];
}

export function browser(): Browser {
  const jars = new Map<string, Map<string, Cookie>>();
  const visited: string[] = [];

  const ask = async (to: string | URL, init: RequestInit = {}): Promise<Page> => {
    const url = new URL(to);
    visited.push(url.href);
    const jar = jars.get(url.host) ?? new Map<string, Cookie>();
    jars.set(url.host, jar);
    const headers = { cookie: cookiesFor(jar, url.pathname), ...(init.headers as Record<string, string>) };
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) keep(jar, line);
    return { url, status: response.status, body: await response.text(), headers: response.headers };
  };
  const follow = async (page: Page, left = 12): Promise<Page> => {
    const location = page.headers.get('location');
    if (location === null || page.status < 300 || page.status >= 400) return page;
    if (left === 0) throw new Error(`too many redirects at ${page.url.href}`);
    return follow(await ask(new URL(location, page.url)), left - 1);
  };
  const form = (fields: Record<string, string>): RequestInit => ({
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(fields).toString(),
  });

  return {
    ask,
    get: async (url) => follow(await ask(url)),
    post: async (url, fields) => follow(await ask(url, form(fields))),
    cookie: (name) =>
      [...jars.values()].map((jar) => jar.get(name)?.value).find((value) => value !== undefined),
    setCookie: (name, value, path = '/') => jars.forEach((jar) => jar.set(name, { value, path })),
    visited,
  };
}

function cookiesFor(jar: Map<string, Cookie>, path: string): string {
  const fit = [...jar].filter(([, cookie]) => path.startsWith(cookie.path));
  return fit.map(([name, { value }]) => `${name}=${value}`).join('; ');
}

function keep(jar: Map<string, Cookie>, line: string): void {
  const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
  const at = pair.indexOf('=');
  const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
  const path = attributes.find((a) => /^path=/i.test(a))?.slice(5) ?? '/';
  if (value === '' || attributes.some((a) => /^max-age=0$/i.test(a))) jar.delete(name);
  else jar.set(name, { value, path });
}
