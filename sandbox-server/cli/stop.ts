/** `palestra stop`: end the server, then every sandbox that still runs. Homes and progress are kept. */
import { setTimeout as sleep } from 'node:timers/promises';
import { findPlace } from '../sandboxes/local/place.ts';
import { stopSandboxes } from '../sandboxes/local/stop.ts';
import type { Services } from '../services/face.ts';
import { running } from './running.ts';
import { servicesHere } from './services.ts';
import { STATE } from './settings.ts';

/** A server that closes its sockets needs at most 5 s; twice that before it is ended hard. */
const PATIENCE_MS = 10_000;

export async function stop(options: { services?: boolean } = {}): Promise<void> {
  const server = await running(STATE);
  if (server !== null) await end(server.pid);
  const ended = await stopSandboxes(await findPlace({ state: STATE }));
  const services = await servicesHere();
  await using _services = { [Symbol.asyncDispose]: () => services.close() };
  const { stopped, left } = await endServices(services, options.services ?? false);
  process.stdout.write(
    `${server === null ? 'No server ran' : 'The server has ended'}; ${ended} sandboxes ended. Homes and progress are kept.\n`,
  );
  if (stopped.length > 0) process.stdout.write(`${stopped.join(', ')}: ended. Data is kept.\n`);
  if (left.length > 0)
    process.stdout.write(`${left.join(', ')}: goes on. End it as well with: npx palestra stop --services\n`);
}

/** A shared service may be another server's too, and takes minutes to set up: it is ended where that is asked for. */
async function endServices(services: Services, all: boolean): Promise<{ stopped: string[]; left: string[] }> {
  const stopped: string[] = [];
  const left: string[] = [];
  for (const { name, title } of services.list()) {
    const { state } = await services.status(name);
    if (state === 'down') continue;
    if (all) await services.stop(name);
    (all ? stopped : left).push(title);
  }
  return { stopped, left };
}

async function end(pid: number): Promise<void> {
  process.kill(pid, 'SIGTERM');
  const until = Date.now() + PATIENCE_MS;
  while ((await running(STATE))?.pid === pid) {
    if (Date.now() > until) return void process.kill(pid, 'SIGKILL');
    await sleep(100);
  }
}
