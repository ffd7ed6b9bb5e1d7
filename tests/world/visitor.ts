/**
 * A person without a browser: cookies, redirects and the sign-in form by hand, over plain HTTP as a browser would.
 */
import { CookieJar } from './cookie-jar.ts';

export interface Visitor {
  /** a request as the page makes it: same origin, our header, the cookies */
  ask(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Response>;
  /** the same, its JSON; throws with the problem's own sentence */
  json<T>(method: string, path: string, body?: unknown): Promise<T>;
  /** the Cookie header for a path, for sockets and raw clients */
  cookies(path: string): string;
  /** through the development provider, as this user name; registers it when new */
  signIn(username: string): Promise<void>;
}

export function visitor(url: string): Visitor {
  const jar = new CookieJar();
  const cookies = (path: string) => jar.header(path);

  const send = async (
    method: string,
    path: string,
    headers: Record<string, string>,
    body?: string,
    signal?: AbortSignal,
  ): Promise<Response> => {
    const response = await fetch(new URL(path, url), {
      method,
      redirect: 'manual',
      headers: { cookie: cookies(path), ...headers },
      ...(body === undefined ? {} : { body }),
      ...(signal === undefined ? {} : { signal }),
    });
    jar.keep(response);
    return response;
  };
  const ask = (method: string, path: string, body?: unknown, signal?: AbortSignal) =>
    send(
      method,
      path,
      {
        'sec-fetch-site': 'same-origin',
        origin: url,
        'x-palestra': '1',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body === undefined ? undefined : JSON.stringify(body),
      signal,
    );

  return {
    ask,
    cookies,
    async json<T>(method: string, path: string, body?: unknown): Promise<T> {
      const response = await ask(method, path, body);
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
      return (response.status === 204 ? undefined : await response.json()) as T;
    },
    async signIn(username) {
      const page = await follow(send, await send('GET', '/auth/login?next=/', {}));
      const html = await page.text();
      const action = /<form method="post" action="([^"]+)"/.exec(html)?.[1];
      if (action === undefined) throw new Error(`no sign-in form at ${page.url}: ${html.slice(0, 300)}`);
      const form = new URLSearchParams(
        PERSONAS.includes(username) ? { persona: username } : { username },
      ).toString();
      const done = await send(
        'POST',
        local(action, page.url),
        { 'content-type': 'application/x-www-form-urlencoded', origin: url, 'sec-fetch-site': 'same-origin' },
        form,
      );
      const last = await follow(send, done);
      if (!last.ok && last.status !== 404) throw new Error(`sign-in ended at ${last.url}: ${last.status}`);
      await last.body?.cancel();
    },
  };
}

const PERSONAS: readonly string[] = ['ada', 'enrico', 'emmy'];

async function follow(
  send: (m: string, p: string, h: Record<string, string>) => Promise<Response>,
  first: Response,
): Promise<Response> {
  let response = first;
  for (let hop = 0; hop < 10; hop++) {
    const to = response.headers.get('location');
    if (to === null) return response;
    await response.body?.cancel();
    response = await send('GET', local(to, response.url), {});
  }
  throw new Error(`more than ten redirects, last to ${response.url}`);
}

function local(address: string, base: string): string {
  const url = new URL(address.replaceAll('&amp;', '&'), base);
  return url.pathname + url.search;
}
