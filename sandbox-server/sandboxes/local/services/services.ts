/**
 * Services that lessons may need, for sandboxes that have no network: one forwarder a service, whose one socket
 * is linked into each sandbox it was declared for. A link is the same socket under another name, so lending takes
 * no process, and ending it is removing a name.
 */
import { chmod, link, mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { join } from 'node:path';
import { z } from 'zod';
import { Problem } from '../../../contract/errors.ts';
import { listenFor } from '../../agent-process/listener.ts';
import { createTurns } from '../../pool/turns.ts';
import { launch } from '../launch.ts';
import { endTree, isAlive } from '../process.ts';
import type { Runtime } from '../runtime.ts';

/** nobody in particular: a forwarder needs a network and nothing else */
const NOBODY = 65_534;

export interface ServiceAddress {
  readonly host: string;
  readonly port: number;
}
export interface ServicesOptions {
  /** records and logs of forwarders */
  readonly folder: string;
  /** sockets; the folders that are lent to must be on the same file system */
  readonly sockets: string;
  readonly addresses: Readonly<Record<string, ServiceAddress>>;
  readonly runtime: Pick<Runtime, 'folder' | 'node' | 'forwarder'>;
}
export interface Services {
  /** puts `NAME.sock` into a sandbox's folder, its forwarder running. Throws Problem `unavailable` for an unknown one. */
  readonly lend: (name: string, folder: string) => Promise<void>;
}

const Forwarder = z.object({
  address: z.object({ host: z.string(), port: z.number().int() }),
  process: z.object({ pid: z.number().int(), startTime: z.number(), boot: z.string() }),
});

export function createServices(options: ServicesOptions): Services {
  const turns = createTurns(1);
  const socketOf = (name: string) => join(options.sockets, `service-${name}.sock`);

  const start = async (name: string, address: ServiceAddress) => {
    const { folder, node, forwarder } = options.runtime;
    const listener = await listenFor(socketOf(name));
    const argv = [join(folder, node), join(folder, forwarder), address.host, String(address.port)];
    const uid = process.getuid?.() === 0 ? NOBODY : null;
    const log = join(options.folder, `${name}.log`);
    const launched = await launch({ argv, uid, cgroups: [], log, listener: listener.fd });
    await writeForwarder(options.folder, name, { address: { ...address }, process: { ...launched.name } });
    listener.handOver();
    // sandboxes' users are not ours; who sees the socket at all is decided by lending
    await chmod(socketOf(name), 0o666);
    launched.go();
  };
  /** One that runs and goes where it should is kept, also from before a restart. */
  const ensure = async (name: string, address: ServiceAddress) => {
    const running = await readForwarder(options.folder, name);
    if (running !== null && (await isAlive(running.process))) {
      if (isDeepStrictEqual(running.address, { ...address })) return;
      await endTree(running.process);
    }
    await start(name, address);
  };

  return {
    async lend(name, folder) {
      const address = options.addresses[name];
      if (address === undefined)
        throw new Problem(
          'unavailable',
          `This lesson needs the service "${name}", which is not set up here.`,
        );
      await mkdir(options.folder, { recursive: true });
      await turns.run(() => ensure(name, address));
      const lent = join(folder, `${name}.sock`);
      await rm(lent, { force: true }); // of a forwarder that is no more
      await link(socketOf(name), lent);
    },
  };
}

/** Ends every forwarder of a place (`palestra stop`). */
export async function stopForwarders(folder: string): Promise<void> {
  const files = await readdir(folder).catch((error: unknown) => absent(error, []));
  for (const file of files.filter((name) => name.endsWith('.json'))) {
    const forwarder = await readForwarder(folder, file.replace(/\.json$/, ''));
    if (forwarder !== null) await endTree(forwarder.process);
    await rm(join(folder, file));
  }
}

async function writeForwarder(
  folder: string,
  name: string,
  forwarder: z.infer<typeof Forwarder>,
): Promise<void> {
  const temporary = join(folder, `.${name}`);
  await writeFile(temporary, JSON.stringify(forwarder), { mode: 0o600 });
  await rename(temporary, join(folder, `${name}.json`));
}

async function readForwarder(folder: string, name: string): Promise<z.infer<typeof Forwarder> | null> {
  const text = await readFile(join(folder, `${name}.json`), 'utf8').catch((error: unknown) =>
    absent(error, null),
  );
  return text === null ? null : Forwarder.parse(JSON.parse(text));
}

function absent<T>(error: unknown, value: T): T {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return value;
  throw error;
}
