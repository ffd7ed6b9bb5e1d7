/** `palestra stop`: end the server, then every sandbox that still runs. Homes and progress are kept. */
import { setTimeout as sleep } from 'node:timers/promises';
import { findPlace } from '../sandboxes/local/place.ts';
import { stopSandboxes } from '../sandboxes/local/stop.ts';
import { running } from './running.ts';
import { STATE } from './settings.ts';

/** A server that closes its sockets needs at most 5 s; twice that before it is ended hard. */
const PATIENCE_MS = 10_000;

export async function stop(): Promise<void> {
  const server = await running(STATE);
  if (server !== null) await end(server.pid);
  const ended = await stopSandboxes(await findPlace({ state: STATE }));
  process.stdout.write(
    `${server === null ? 'No server ran' : 'The server has ended'}; ${ended} sandboxes ended. Homes and progress are kept.\n`,
  );
}

async function end(pid: number): Promise<void> {
  process.kill(pid, 'SIGTERM');
  const until = Date.now() + PATIENCE_MS;
  while ((await running(STATE))?.pid === pid) {
    if (Date.now() > until) return void process.kill(pid, 'SIGKILL');
    await sleep(100);
  }
}
