/** One sandbox of the local driver, from an empty folder to the last trace. Each function is a recipe. */
import { once } from 'node:events';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Problem } from '../../contract/errors.ts';
import { untilAnswers } from '../agent-process/answers.ts';
import { listenFor, type Listener } from '../agent-process/listener.ts';
import type { LentServices } from '../../contract/agent.ts';
import type { Lending, Sandbox } from '../driver.ts';
import { newId } from '../ids.ts';
import type { Ground } from '../pool/ground.ts';
import type { Bounds, Limits } from './bounds/bounds.ts';
import { readClaims, removeClaim, writeClaim } from './claims.ts';
import { bringHome, takeHome } from './homes.ts';
import { launch, type Launched } from './launch.ts';
import type { Folders } from './place.ts';
import { endTree, isAlive } from './process.ts';
import { readRecord, sandboxFolders, writeRecord, type SandboxRecord } from './record.ts';
import type { Services } from './services/services.ts';
import type { Uids } from './uids.ts';
import type { Enclosure } from './enclosure.ts';

/** Longest time from the command to an agent that answers: 0.1 s alone, some seconds among 28 others. */
const START_MS = 30_000;

/** Where the tests of F1 let the server die. */
export type Step =
  | 'folder'
  | 'launched'
  | 'recorded'
  | 'begun'
  | 'answered'
  | 'claimed'
  | 'moved'
  | 'ended'
  | 'returned'
  | 'unclaimed';

export interface LocalGroundOptions {
  readonly folders: Folders;
  readonly sockets: string;
  readonly bounds: Bounds;
  readonly uids: Uids;
  /** what new sandboxes are made of; absent: none is started (`palestra stop`) */
  readonly starts?: {
    readonly limits: Limits;
    readonly enclosure: Enclosure;
    readonly kits: KitSource;
    readonly services: Services;
  };
  readonly atStep?: ((step: Step) => void | Promise<void>) | undefined;
  /** a sandbox's outermost process ended, by whatever reason */
  readonly onExit: (id: string) => void;
}

/** A kit as the driver needs it. */
export interface KitSource {
  ready(name: string, signal?: AbortSignal): Promise<void>;
  /** Throws Problem `kit-preparing` or `kit-missing` where it is not usable now. */
  use(name: string): KitUse;
}
export interface KitUse {
  readonly folder: string;
  readonly alsoVisible: readonly string[];
  /** for shells and checks; `{kit}` in it is the kit's folder, `{{user}}` is filled by the agent */
  readonly env?: Readonly<Record<string, string>>;
}

export interface LocalGround extends Ground {
  /** finds again what runs and clears away what does not; for the place's owner alone */
  readonly adopt: () => Promise<readonly Sandbox[]>;
  /** what runs on this place, whoever looks after it; changes nothing */
  readonly survey: () => Promise<readonly Sandbox[]>;
  readonly discard: (lab: string) => Promise<void>;
  /** exactly these services, for this sandbox */
  readonly lend: (sandbox: Sandbox, services: readonly Lending[]) => Promise<LentServices>;
  /** @returns why it no longer runs; null: it does */
  readonly ended: (sandbox: Sandbox) => Promise<string | null>;
}

export function createLocalGround(options: LocalGroundOptions): LocalGround {
  const { folders, bounds, uids } = options;
  const records = new Map<string, SandboxRecord>();
  /** lab by sandbox, as the files in `claims/` say */
  const labs = new Map<string, string>();
  const at = async (step: Step) => options.atStep?.(step);
  const starts = () => {
    if (options.starts === undefined)
      throw new Problem('unavailable', 'No sandbox is started here any more.');
    return options.starts;
  };
  const folderOf = (id: string) => join(folders.sandboxes, id);
  const servicesOf = (id: string) => join(options.sockets, id);
  const homeIn = (id: string) => join(folderOf(id), 'home');
  const homeOf = (lab: string) => join(folders.homes, lab);

  const sandboxOf = (record: SandboxRecord, lab: string | null): Sandbox => ({
    id: record.id,
    kit: record.kit,
    lab,
    agent: { kind: 'unix', path: record.socket },
    isolation: record.isolation,
    startedAt: record.startedAt,
  });

  const draft = async (kit: string): Promise<SandboxRecord> => {
    const { kits, enclosure, limits } = starts();
    const { folder } = kits.use(kit);
    const id = newId();
    await mkdir(folderOf(id), { mode: 0o711 });
    await mkdir(homeIn(id), { mode: 0o755 });
    await mkdir(servicesOf(id), { mode: 0o755 });
    return {
      id,
      kit,
      kitFolder: folder,
      process: { pid: 0, startTime: 0, boot: '' },
      uid: await uids.take(id),
      socket: join(options.sockets, `${id}.sock`),
      startedAt: Date.now(),
      isolation: enclosure.isolation(bounds),
      cgroups: [...(await bounds.make(id, limits))],
      watched: bounds.kind === 'none' ? ['disk', 'memory', 'pids'] : ['disk'],
    };
  };

  const begin = async (record: SandboxRecord, listener: Listener): Promise<[SandboxRecord, Launched]> => {
    const { enclosure, kits } = starts();
    const folder = folderOf(record.id);
    const { alsoVisible, env = {} } = kits.use(record.kit);
    const config = enclosure.agentConfig(record, homeIn(record.id), env);
    await writeFile(join(folder, 'config.json'), JSON.stringify(config), { mode: 0o644 });
    const argv = enclosure.command(record, {
      folder,
      home: homeIn(record.id),
      services: servicesOf(record.id),
      alsoVisible,
    });
    const log = join(folder, 'agent.log');
    const launched = await launch({
      argv,
      uid: record.uid,
      cgroups: record.cgroups,
      log,
      listener: listener.fd,
    });
    await at('launched');
    const named = { ...record, process: { ...launched.name } };
    await writeRecord(folder, named);
    await at('recorded');
    listener.handOver();
    launched.go();
    await at('begun');
    return [named, launched];
  };

  const start = async (kit: string): Promise<Sandbox> => {
    let record = await draft(kit);
    const listener = await listenFor(record.socket);
    try {
      await at('folder');
      let launched: Launched;
      [record, launched] = await begin(record, listener);
      records.set(record.id, record);
      const gone = once(launched.child, 'exit').then(() => {
        throw new Error('the agent ended');
      });
      gone.catch(() => options.onExit(record.id));
      await untilAnswers({ kind: 'unix', path: record.socket }, START_MS, gone);
      await at('answered');
      return sandboxOf(record, null);
    } catch (error) {
      listener.close();
      const log = await readFile(join(folderOf(record.id), 'agent.log'), 'utf8').catch(() => '');
      await remove(record, null);
      throw new Problem(
        'no-capacity',
        'A sandbox could not be started on this machine. `npx palestra doctor` says what is missing.',
        {
          cause: new Error(
            `${error instanceof Error ? error.message : String(error)}: ${log.slice(-2_000)}`,
            { cause: error },
          ),
        },
      );
    }
  };

  const give = async (sandbox: Sandbox, lab: string): Promise<Sandbox> => {
    const record = records.get(sandbox.id);
    if (record === undefined || !(await isAlive(record.process))) throw gone();
    const winner = await writeClaim(folders.claims, lab, sandbox.id);
    if (winner !== sandbox.id)
      throw new Problem('conflict', 'This lab has a sandbox already. Please try again.');
    labs.set(sandbox.id, lab);
    await at('claimed');
    await bringHome(homeOf(lab), homeIn(sandbox.id), record.uid);
    await at('moved');
    return sandboxOf(record, lab);
  };

  const lend = (sandbox: Sandbox, services: readonly Lending[]): Promise<LentServices> => {
    if (!records.has(sandbox.id)) throw gone();
    const folder = servicesOf(sandbox.id);
    const inside = starts().enclosure.services(folder);
    if (inside !== null) return starts().services.lend(folder, inside, services);
    if (services.length === 0) return Promise.resolve({ endpoints: [], env: {} });
    throw withoutWalls();
  };

  /** Ends a sandbox and removes what is its own, the lab's home going back first and its claim last. */
  const remove = async (record: SandboxRecord, lab: string | null): Promise<void> => {
    if (record.process.pid > 0) await endTree(record.process);
    await at('ended');
    if (lab !== null) await takeHome(homeIn(record.id), homeOf(lab));
    await at('returned');
    if (lab !== null) await removeClaim(folders.claims, lab);
    await at('unclaimed');
    await bounds.remove(record.cgroups);
    await rm(record.socket, { force: true });
    options.starts?.services.forget(servicesOf(record.id));
    await rm(servicesOf(record.id), { recursive: true, force: true });
    await rm(folderOf(record.id), { recursive: true, force: true, maxRetries: 3 });
    records.delete(record.id);
    labs.delete(record.id);
    await uids.giveBack(record.uid);
  };

  const adoptOne = async (id: string, lab: string | null): Promise<Sandbox | null> => {
    const record = await readRecord(folderOf(id));
    if (record === null) {
      // its process waited for a word from the server that died, and ended with it
      await bounds.remove(bounds.of(id));
      await rm(servicesOf(id), { recursive: true, force: true });
      await rm(folderOf(id), { recursive: true, force: true });
      return null;
    }
    if (!(await isAlive(record.process))) {
      await remove(record, lab);
      return null;
    }
    records.set(id, record);
    if (lab !== null) labs.set(id, lab);
    if (lab !== null) await bringHome(homeOf(lab), homeIn(id), record.uid);
    return sandboxOf(record, lab);
  };

  return {
    prepare: (kit, signal) => starts().kits.ready(kit, signal),
    start,
    give,
    lend,
    async end(sandbox) {
      const record = records.get(sandbox.id);
      if (record === undefined) return;
      await remove(record, labs.get(sandbox.id) ?? null);
    },
    async adopt() {
      await removeNamelessSockets(options.sockets);
      const claims = await readClaims(folders.claims);
      const ids = await sandboxFolders(folders.sandboxes);
      const found: Sandbox[] = [];
      for (const id of ids) {
        const sandbox = await adoptOne(id, claims.get(id) ?? null);
        if (sandbox !== null) found.push(sandbox);
      }
      for (const [id, lab] of claims) if (!ids.includes(id)) await removeClaim(folders.claims, lab);
      await uids.tidy(found.map(({ id }) => id));
      return found;
    },
    async survey() {
      const claims = await readClaims(folders.claims);
      const ids = await sandboxFolders(folders.sandboxes);
      const read = await Promise.all(ids.map((id) => readRecord(folderOf(id))));
      const living = await Promise.all(
        read.map(async (record) => (record !== null && (await isAlive(record.process)) ? [record] : [])),
      );
      return living.flat().map((record) => sandboxOf(record, claims.get(record.id) ?? null));
    },
    discard: (lab) => rm(homeOf(lab), { recursive: true, force: true, maxRetries: 3 }),
    async ended(sandbox) {
      const record = records.get(sandbox.id);
      if (record !== undefined && (await isAlive(record.process))) return null;
      const kills = record === undefined ? 0 : await bounds.memoryKills(record.cgroups);
      return kills > 0 ? 'its programs used more memory than the sandbox has' : 'it was ended from outside';
    },
  };
}

/** Listeners that a crash left before they got their sandbox's name. */
async function removeNamelessSockets(folder: string): Promise<void> {
  for (const name of await readdir(folder))
    if (name.startsWith('.')) await rm(join(folder, name), { force: true });
}

function withoutWalls(): Problem {
  return new Problem(
    'unavailable',
    'This lesson uses services under names of their own, which only sandboxes with walls know. Start Palestra without `unsandboxed`; `npx palestra doctor` says what walls need.',
  );
}

function gone(): Problem {
  return new Problem('sandbox-gone', 'The sandbox ended before it could be given to you.');
}
