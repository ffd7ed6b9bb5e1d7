/** The box's own door: a unix socket in the cluster's folder, where commands on the machine ask how it is. */
import { createServer, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import type { StageLine } from '../../../sandbox-server/contract/service.ts';
import type { Supervised } from './supervised.ts';

export interface Story {
  /** said so far, and to be followed */
  tell(line: StageLine): void;
  /** nothing more will be said. @param failure null: all of it runs */
  end(failure: string | null): void;
}

export interface Steward extends Story {
  close(): Promise<void>;
}

export interface StewardOptions {
  readonly socket: string;
  readonly revision: string;
  /** what runs, now */
  parts(): readonly Supervised[];
  memory(pid: number): Promise<number>;
  others(): Promise<readonly { readonly name: string; readonly count: number; readonly memory: number }[]>;
}

export async function openSteward(options: StewardOptions): Promise<Steward> {
  const said: object[] = [];
  const followers = new Set<ServerResponse>();
  let over = false;
  const say = (line: object) => {
    said.push(line);
    for (const follower of followers) follower.write(`${JSON.stringify(line)}\n`);
  };
  const server = createServer((request, response) => {
    if (request.method === 'GET' && request.url === '/start') return follow(response);
    if (request.method === 'GET' && request.url === '/parts') return void answer(response, partsOf(options));
    response.writeHead(404).end();
  });
  await listen(server, options.socket);
  return {
    tell: say,
    end(failure) {
      over = true;
      say({ over: true, failure });
      for (const follower of followers) follower.end();
      followers.clear();
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await rm(options.socket, { force: true });
    },
  };

  function follow(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'application/jsonl' });
    for (const line of said) response.write(`${JSON.stringify(line)}\n`);
    if (over) return void response.end();
    followers.add(response);
    response.once('close', () => followers.delete(response));
  }
}

async function answer(response: ServerResponse, body: Promise<object>): Promise<void> {
  try {
    const text = JSON.stringify(await body);
    response.writeHead(200, { 'content-type': 'application/json' }).end(text);
  } catch (error) {
    response.writeHead(500).end(error instanceof Error ? error.message : String(error));
  }
}

async function partsOf(options: StewardOptions): Promise<object> {
  const parts = await Promise.all(
    options.parts().map(async (part) => ({
      name: part.name,
      pid: part.pid,
      ready: await part.isReady(),
      restarts: part.restarts,
      lastEnd: part.lastEnd,
      memory: part.pid === null ? 0 : await options.memory(part.pid),
    })),
  );
  return { revision: options.revision, parts, others: await options.others() };
}

async function listen(server: Server, socket: string): Promise<void> {
  await rm(socket, { force: true });
  const before = process.umask(0o077);
  server.listen(socket);
  process.umask(before);
  await once(server, 'listening');
}
