/**
 * Services that lessons may need, for sandboxes that have no network: one forwarder a service, whose sockets are
 * linked into each sandbox it is lent to. A link is the same socket under another name, so lending takes no process,
 * and ending it is removing a name.
 */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createTurns } from '../../turns.ts';
import { trustOf } from '../../trust.ts';
import type { LentServices } from '../../../contract/agent.ts';
import type { Lending } from '../../driver.ts';
import { createForwarders, type ForwardersOptions } from './forwarders.ts';
import { layTrust, linkAnew } from './trust.ts';

/** A forwarder that died is back after so long, also for labs that run. */
const LOOK_MS = 3_000;

export interface ServicesOptions extends ForwardersOptions {
  readonly onTrouble: (what: string, error: unknown) => void;
}
export interface Services {
  /**
   * Makes a sandbox's folder hold exactly these services: `HOST_PORT.sock` each, their authorities, a bundle.
   * @param inside the folder as the sandbox sees it
   */
  lend(folder: string, inside: string, services: readonly Lending[]): Promise<LentServices>;
  /** the sandbox of this folder is gone */
  forget(folder: string): void;
  close(): Promise<void>;
}

export function createServices(options: ServicesOptions): Services {
  const turns = createTurns(1);
  const forwarders = createForwarders(options);
  const lent = new Map<string, readonly Lending[]>();

  const socketsFor = async (services: readonly Lending[]): Promise<Map<string, string>> => {
    const found = new Map<string, string>();
    for (const { name, endpoints } of services) {
      const { sockets } = await forwarders.ensure(
        name,
        endpoints.map(({ to }) => to),
      );
      endpoints.forEach((endpoint, at) => found.set(socketName(endpoint), sockets[at] ?? ''));
    }
    return found;
  };
  const lay = async (folder: string, services: readonly Lending[]) => {
    const before = await readdir(folder, { recursive: true });
    const sockets = await socketsFor(services);
    const trusted = await trustOf(services);
    const files = before.filter((name) => /\.(sock|pem|0|new)$/.test(name));
    for (const name of files.filter((one) => one.endsWith('.sock') && !sockets.has(one)))
      await rm(join(folder, name), { force: true });
    for (const [name, socket] of sockets) await linkAnew(socket, join(folder, name));
    await layTrust(
      folder,
      trusted,
      options.sockets,
      files.filter((one) => !one.endsWith('.sock')),
    );
    return trusted;
  };
  const revive = async (): Promise<void> => {
    const names = new Set([...lent.values()].flat().map(({ name }) => name));
    const dead: string[] = [];
    for (const name of names) if (!(await forwarders.isAlive(name))) dead.push(name);
    for (const [folder, services] of dead.length === 0 ? [] : lent)
      if (services.some(({ name }) => dead.includes(name))) await lay(folder, services);
  };
  let looking: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    looking = turns.run(revive).catch((error: unknown) => options.onTrouble('reviving a forwarder', error));
  }, LOOK_MS);
  timer.unref();

  return {
    async lend(folder, inside, services) {
      const { env } = await turns.run(() => lay(folder, services));
      if (services.length > 0) lent.set(folder, services);
      else lent.delete(folder);
      return {
        endpoints: services.flatMap(({ name, endpoints }) =>
          endpoints.map((endpoint) => ({
            service: name,
            host: endpoint.host,
            port: endpoint.port,
            socket: join(inside, socketName(endpoint)),
          })),
        ),
        env: Object.fromEntries(Object.entries(env).map(([name, file]) => [name, join(inside, file)])),
      };
    },
    forget: (folder) => void lent.delete(folder),
    async close() {
      clearInterval(timer);
      await looking;
    },
  };
}

function socketName({ host, port }: { readonly host: string; readonly port: number }): string {
  return `${host}_${port}.sock`;
}
