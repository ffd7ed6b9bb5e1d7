/** One person in front of JupyterHub: login form, spawn, a terminal; as their browser does it, without the browser. */
import { once } from 'node:events';
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

type Ask = (
  method: string,
  path: string,
  init?: { headers?: Record<string, string>; body?: string },
) => Promise<Response>;
function asking(url: string, jar: CookieJar): Ask {
  return async (method, path, init = {}) => {
    const headers = {
      accept: 'text/html',
      'sec-fetch-mode': 'navigate',
      cookie: jar.header(path),
      ...init.headers,
    };
    const response = await fetch(new URL(path, url), {
      method,
      redirect: 'manual',
      headers,
      ...(init.body === undefined ? {} : { body: init.body }),
    });
    jar.keep(response);
    return response;
  };
}

async function signIn(url: string, jar: CookieJar, user: string): Promise<void> {
  const ask = asking(url, jar);
  await (await ask('GET', '/hub/login')).text();
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
    const text = await answer.text();
    const to = answer.headers.get('location');
    if (to !== null) path = new URL(to, new URL(path, url)).href.slice(url.length);
    else if (answer.status === 200 && text.includes('jupyter-config-data')) return;
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
  const made = (await (
    await asking(url, jar)('POST', `${base}api/terminals`, { headers, body: '{}' })
  ).json()) as { name: string };
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
