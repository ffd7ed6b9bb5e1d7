/** One forwarder process a service: started where it is first lent, kept while it goes where it should, found again. */
import { chmod, mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { join } from 'node:path';
import { z } from 'zod';
import { listenFor, type Listener } from '../../agent-process/listener.ts';
import { launch } from '../launch.ts';
import { endTree, isAlive } from '../process.ts';
import type { Runtime } from '../runtime.ts';

/** nobody in particular: a forwarder needs a network and nothing else */
const NOBODY = 65_534;

export interface Target {
  readonly host: string;
  readonly port: number;
}
export interface ForwardersOptions {
  /** records and logs */
  readonly folder: string;
  readonly sockets: string;
  readonly runtime: Pick<Runtime, 'folder' | 'node' | 'forwarder'>;
}
export interface Forwarders {
  /** @returns the host's sockets, one a target and in their order; whether they are new */
  ensure(service: string, targets: readonly Target[]): Promise<{ sockets: readonly string[]; anew: boolean }>;
  isAlive(service: string): Promise<boolean>;
}

const Record = z.object({
  targets: z.array(z.object({ host: z.string(), port: z.number().int() })).default([]),
  process: z.object({ pid: z.number().int(), startTime: z.number(), boot: z.string() }),
});
type Record = z.infer<typeof Record>;

/** Not to be asked twice at once for one service. */
export function createForwarders(options: ForwardersOptions): Forwarders {
  const socketOf = (service: string, at: number) => join(options.sockets, `service-${service}-${at}.sock`);

  const start = async (service: string, targets: readonly Target[]): Promise<void> => {
    const { folder, node, forwarder } = options.runtime;
    const sockets = targets.map((_, at) => socketOf(service, at));
    const listeners: Listener[] = [];
    try {
      for (const socket of sockets) listeners.push(await listenFor(socket));
      const words = targets.flatMap(({ host, port }) => [host, String(port)]);
      const argv = [join(folder, node), join(folder, forwarder), ...words];
      const uid = process.getuid?.() === 0 ? NOBODY : null;
      const log = join(options.folder, `${service}.log`);
      const fds = listeners.map(({ fd }) => fd);
      const launched = await launch({ argv, uid, cgroups: [], log, listener: fds });
      await writeRecord(options.folder, service, { targets: [...targets], process: { ...launched.name } });
      for (const listener of listeners.splice(0)) listener.handOver();
      // sandboxes' users are not ours; who sees a socket at all is decided by lending
      for (const socket of sockets) await chmod(socket, 0o666);
      launched.go();
    } finally {
      for (const listener of listeners) listener.close();
    }
  };

  return {
    async ensure(service, targets) {
      await mkdir(options.folder, { recursive: true });
      const sockets = targets.map((_, at) => socketOf(service, at));
      const running = await readRecord(options.folder, service);
      if (running !== null && (await isAlive(running.process))) {
        if (
          isDeepStrictEqual(
            running.targets,
            targets.map(({ host, port }) => ({ host, port })),
          )
        )
          return { sockets, anew: false };
        await endTree(running.process);
      }
      await start(service, targets);
      return { sockets, anew: true };
    },
    async isAlive(service) {
      const running = await readRecord(options.folder, service);
      return running !== null && (await isAlive(running.process));
    },
  };
}

/** Ends every forwarder of a place (`palestra stop`). */
export async function stopForwarders(folder: string): Promise<void> {
  const files = await readdir(folder).catch((error: unknown) => absent(error, []));
  for (const file of files.filter((name) => name.endsWith('.json'))) {
    const running = await readRecord(folder, file.replace(/\.json$/, ''));
    if (running !== null) await endTree(running.process);
    await rm(join(folder, file));
  }
}

async function writeRecord(folder: string, service: string, record: Record): Promise<void> {
  const temporary = join(folder, `.${service}`);
  await writeFile(temporary, JSON.stringify(record), { mode: 0o600 });
  await rename(temporary, join(folder, `${service}.json`));
}

async function readRecord(folder: string, service: string): Promise<Record | null> {
  const text = await readFile(join(folder, `${service}.json`), 'utf8').catch((error: unknown) =>
    absent(error, null),
  );
  return text === null ? null : Record.parse(JSON.parse(text));
}

function absent<T>(error: unknown, value: T): T {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return value;
  throw error;
}
