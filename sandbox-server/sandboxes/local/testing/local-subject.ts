/** A local driver in a folder of its own, with a kit of nothing but the system's Python. */
import { chmod, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Driver } from '../../driver.ts';
import { createLocalDriver, type LocalDriverOptions } from '../driver.ts';
import type { KitSource } from '../ground.ts';
import { foldersOf, type Folders, type Place } from '../place.ts';
import { stopSandboxes } from '../stop.ts';

export const BARE_AGENT = {
  folder: new URL('../../testing', import.meta.url).pathname,
  entry: 'bare-agent.ts',
};
export const LIMITS = { memory: 512 * 1024 ** 2, disk: 64 * 1024 ** 2, pids: 64, cpu: 2 };

export interface LocalSubject {
  readonly driver: Driver;
  readonly place: Place;
  readonly folders: Folders;
  readonly logged: string[];
  /** ends every sandbox and removes the folder */
  readonly close: () => Promise<void>;
}

export async function localPlace(): Promise<Place> {
  const root = await mkdtemp(join(tmpdir(), 'pal-'));
  const place = { root: join(root, 'state'), sockets: join(root, 's') };
  for (const folder of [root, place.sockets, place.root, ...Object.values(foldersOf(place))])
    await mkdir(folder, { recursive: true, mode: 0o711 });
  await chmod(root, 0o711); // mkdtemp gives 0700: the sandboxes' users could not pass
  await rm(foldersOf(place).runtime, { recursive: true });
  await symlink(await sharedRuntime(), foldersOf(place).runtime);
  const kit = join(foldersOf(place).kits, 'bare');
  await mkdir(join(kit, 'bin'), { recursive: true });
  await symlink('/usr/bin/python3', join(kit, 'bin/python'));
  return place;
}

/**
 * Where all tests find the agent prepared: making it anew for each would be most of their time. It stays, named by
 * its content, as the runtime of a state folder does.
 */
async function sharedRuntime(): Promise<string> {
  const folder = join(tmpdir(), `palestra-test-runtime-${process.getuid?.() ?? 0}`);
  await mkdir(folder, { recursive: true, mode: 0o711 });
  return folder;
}

export function bareKits(place: Place): KitSource {
  return {
    ready: () => Promise.resolve(),
    use: () => ({ folder: join(foldersOf(place).kits, 'bare'), alsoVisible: [] }),
  };
}

export async function localSubject(options: Partial<LocalDriverOptions> = {}): Promise<LocalSubject> {
  const place = options.place ?? (await localPlace());
  const logged: string[] = [];
  const note = (facts: object, text: string) => void logged.push(`${text} ${JSON.stringify(facts)}`);
  const driver = await createLocalDriver({
    state: place.root,
    place,
    kits: bareKits(place),
    limits: LIMITS,
    trust: { keys: ['AAAA'] },
    log: { info: note, warn: note },
    agent: BARE_AGENT,
    ...options,
  });
  return {
    driver,
    place,
    folders: foldersOf(place),
    logged,
    async close() {
      await driver.close();
      await stopSandboxes(place);
      await rm(join(place.root, '..'), { recursive: true, force: true });
    },
  };
}
