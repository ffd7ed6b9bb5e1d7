/**
 * Kits on this machine. Preparing one takes a minute at first and nothing afterwards: the server answers
 * meanwhile, and whoever asks hears how far it is.
 */
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { KitState } from '../../../contract/api.ts';
import { Problem } from '../../../contract/errors.ts';
import { unknownKit, type Kits } from '../../kits.ts';
import { createTurns } from '../../turns.ts';
import { unlessAborted } from '../../unless-aborted.ts';
import type { KitSource, KitUse } from '../ground.ts';
import { findPlace, foldersOf, type Place } from '../place.ts';
import { buildKit, interpreterLives, readContents, type KitContents } from './build-kit.ts';
import { kitHash, readKits, type KitDefinition } from './kit-file.ts';
import { withPrograms } from './own-programs.ts';
import { findPython, type Python } from './python.ts';
import { missingPackages } from './system.ts';
import { provideUv } from './uv.ts';

export interface LocalKitsOptions {
  /** folder with a folder for each kit: `infra/kits` */
  readonly root: string;
  /** the state folder, `.palestra` */
  readonly state: string;
  readonly log: { info(facts: object, text: string): void; warn(facts: object, text: string): void };
  /** default: found from `state` */
  readonly place?: Place;
}
/** What the server shows, and what the local driver mounts. */
export interface LocalKits extends Kits, KitSource {}

const NO_PYTHON =
  'Kits need Python 3.11 or newer where every user can read it: sudo apt-get install python3 python3-venv';

/** Reads every kit's definition and sees which are prepared already; prepares none by itself. */
export async function createLocalKits(options: LocalKitsOptions): Promise<LocalKits> {
  const folders = foldersOf(options.place ?? (await findPlace({ state: options.state })));
  const definitions = new Map(
    (await withPrograms(await readKits(options.root))).map((kit) => [kit.name, kit]),
  );
  const python = await findPython();
  const states = new Map<string, KitState>();
  const prepared = new Map<string, KitUse>();
  const preparing = new Map<string, Promise<void>>();
  const listeners = new Set<(kit: KitState) => void>();
  const turns = createTurns(1);
  const stop = new AbortController();

  const set = (state: KitState) => {
    // uv says much that changes nothing
    if (isDeepStrictEqual(states.get(state.name), state)) return;
    states.set(state.name, state);
    for (const listener of listeners) listener(state);
  };
  const folderOf = (kit: KitDefinition, on: Python) => join(folders.kits, `${kit.name}-${kitHash(kit, on)}`);
  const done = (kit: KitDefinition, folder: string, contents: KitContents) => {
    prepared.set(kit.name, { folder, alsoVisible: contents.alsoVisible, env: kit.env });
    const without = contents.without.length === 0 ? '' : `, without ${contents.without.join(', ')}`;
    set({
      name: kit.name,
      state: 'ready',
      text: `The ${kit.title} kit is ready${without}`,
      versions: contents.versions,
    });
  };
  const find = async (kit: KitDefinition) => {
    set({
      name: kit.name,
      state: 'absent',
      text: `The ${kit.title} kit is prepared when it is first needed`,
      versions: {},
    });
    if (python === null) return;
    const folder = folderOf(kit, python);
    const contents = await readContents(folder);
    if (contents === null || !(await interpreterLives(folder))) return;
    if ((await missingPackages(kit.system)).length === 0) done(kit, folder, contents);
  };
  for (const kit of definitions.values()) await find(kit);

  const build = async (kit: KitDefinition) => {
    const note = (progress: Pick<KitState, 'text' | 'progress'>) =>
      set({ name: kit.name, state: 'preparing', versions: {}, ...progress });
    note({ text: `Preparing the ${kit.title} kit (first time only)` });
    if (python === null) throw new Problem('kit-missing', NO_PYTHON);
    const folder = folderOf(kit, python);
    const lock = join(options.root, 'uv.lock');
    const uv = () => provideUv({ tools: folders.tools, lock, python: python.path, signal: stop.signal });
    done(kit, folder, await buildKit({ kit, folder, python, uv, signal: stop.signal, onProgress: note }));
    options.log.info({ kit: kit.name, folder }, `the ${kit.title} kit is ready`);
  };

  const prepare = async (kit: KitDefinition) => {
    try {
      await turns.run(() => build(kit));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const text =
        error instanceof Problem
          ? reason
          : `The ${kit.title} kit could not be prepared: ${firstLines(reason)}`;
      options.log.warn({ kit: kit.name, err: error }, 'a kit could not be prepared');
      set({ name: kit.name, state: 'failed', text, versions: {} });
      throw new Problem('kit-missing', text, { cause: error });
    } finally {
      preparing.delete(kit.name);
    }
  };
  const prepareOnce = (kit: KitDefinition): Promise<void> => {
    const running = preparing.get(kit.name) ?? prepare(kit);
    preparing.set(kit.name, running);
    return running;
  };

  return {
    list: () => [...states.values()],
    get: (name) => states.get(name),
    async ready(name, signal) {
      signal?.throwIfAborted();
      const kit = definitions.get(name);
      if (kit === undefined) throw unknownKit(name, definitions.keys());
      if (prepared.has(name)) return;
      if (stop.signal.aborted)
        throw new Problem('unavailable', 'The server is stopping. Please try again in a minute.');
      await unlessAborted(prepareOnce(kit), signal);
    },
    use(name) {
      const kit = definitions.get(name);
      const use = prepared.get(name);
      if (kit === undefined) throw unknownKit(name, definitions.keys());
      if (use !== undefined) return use;
      const state = states.get(name);
      if (state?.state === 'failed') throw new Problem('kit-missing', state.text);
      throw new Problem('kit-preparing', state?.text ?? '', {
        details: { kit: name, progress: state?.progress ?? null },
      });
    },
    watch(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    async close() {
      stop.abort(new Error('the server is stopping'));
      await Promise.allSettled(preparing.values());
      listeners.clear();
    },
  };
}

function firstLines(text: string): string {
  return text.split('\n').slice(0, 6).join(' ').slice(0, 600);
}
