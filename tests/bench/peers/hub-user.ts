/** One person in front of JupyterHub: login form, spawn, a terminal; as their browser does it, without the browser. */
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { CookieJar } from '../../world/cookie-jar.ts';
import { PASSWORD, type Hub } from './jupyterhub.ts';

/** A terminal reduced to what a bench needs: type, and know when something came. */
export interface HubTerminal extends Disposable {
  type(text: string): void;
  readonly received: () => number;
  onData(listener: () => void): () => void;
}

export async function openHubTerminal(hub: Hub, user: string): Promise<HubTerminal> {
  const jar = new CookieJar();
  await signIn(hub.url, jar, user);
  await spawned(hub.url, jar, user);
  return terminal(hub.url, jar, user);
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}
type Ask = (
  method: string,
  path: string,
  init?: { headers?: Record<string, string>; body?: string },
) => Promise<Answer>;

/**
 * As a browser's navigation. Not `fetch`: it says `sec-fetch-mode: cors` whatever it is told, and to that
 * JupyterHub gives no XSRF cookie.
 */
function asking(url: string, jar: CookieJar): Ask {
  return async (method, path, init = {}) => {
    const headers = {
      accept: 'text/html',
      'sec-fetch-mode': 'navigate',
      cookie: jar.header(path),
      ...init.headers,
    };
    const asked = request(new URL(path, url), { method, headers });
    asked.end(init.body);
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    const answer = {
      status: response.statusCode ?? 0,
      headers: new Headers(pairsOf(response.rawHeaders)),
      text: await text(response),
    };
    jar.keep(answer);
    return answer;
  };
}

function pairsOf(raw: readonly string[]): [string, string][] {
  return raw.flatMap((name, i) => (i % 2 === 0 ? [[name, raw[i + 1] ?? ''] as [string, string]] : []));
}

async function signIn(url: string, jar: CookieJar, user: string): Promise<void> {
  const ask = asking(url, jar);
  await ask('GET', '/hub/login');
  const body = new URLSearchParams({
    username: user,
    password: PASSWORD,
    _xsrf: jar.value('_xsrf', '/hub/') ?? '',
  }).toString();
  const answer = await ask('POST', '/hub/login?next=', {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body,
  });
  if (answer.status !== 302) throw new Error(`JupyterHub login: ${answer.status}`);
}

/** Follows the hub's redirects until the user's own server answers /lab. */
async function spawned(url: string, jar: CookieJar, user: string): Promise<void> {
  const ask = asking(url, jar);
  let path = `/hub/spawn/${user}`;
  const until = Date.now() + 240_000;
  while (Date.now() < until) {
    const answer = await ask('GET', path);
    const to = answer.headers.get('location');
    if (to !== null) path = new URL(to, new URL(path, url)).href.slice(url.length);
    else if (answer.status === 200 && answer.text.includes('jupyter-config-data')) return;
    else await sleep(250);
    if (to === null && path.includes('/hub/spawn-pending')) path = `/hub/spawn-pending/${user}`;
  }
  throw new Error(`JupyterHub did not start a server for ${user}`);
}

async function terminal(url: string, jar: CookieJar, user: string): Promise<HubTerminal> {
  const base = `/user/${user}/`;
  const headers = {
    'x-xsrftoken': jar.value('_xsrf', base) ?? '',
    'sec-fetch-mode': 'cors',
    'content-type': 'application/json',
  };
  const answer = await asking(url, jar)('POST', `${base}api/terminals`, { headers, body: '{}' });
  const made = JSON.parse(answer.text) as { name: string };
  const socket = new WebSocket(`${url.replace('http', 'ws')}${base}terminals/websocket/${made.name}`, {
    headers: { cookie: jar.header(base), origin: url },
  });
  const listeners = new Set<() => void>();
  let received = 0;
  socket.on('message', (data: Buffer) => {
    const [kind, text] = JSON.parse(data.toString()) as [string, string];
    if (kind !== 'stdout') return;
    received += text.length;
    for (const listener of [...listeners]) listener();
  });
  await once(socket, 'open');
  while (received === 0) await sleep(5);
  return {
    type: (text) => socket.send(JSON.stringify(['stdin', text])),
    received: () => received,
    onData(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    [Symbol.dispose]: () => socket.terminate(),
  };
}
