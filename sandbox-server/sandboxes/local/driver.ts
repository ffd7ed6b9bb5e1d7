/**
 * The local driver: agents in bubblewrap on this machine. Sandboxes outlive the server and are found again
 * from the records it wrote (`adopt`).
 */
import { Problem } from '../../contract/errors.ts';
import type { AgentTrust, Driver, Probe } from '../driver.ts';
import { createPool } from '../pool/pool.ts';
import type { Limits } from './bounds/bounds.ts';
import { findBounds } from './bounds/find.ts';
import { unwalled, walled } from './enclosure.ts';
import { createLocalGround, type KitSource, type Step } from './ground.ts';
import { becomeOwner, giveUpPlace } from './owner.ts';
import { boundsName, findPlace, foldersOf, shortHash, type Place } from './place.ts';
import { probeMachine } from './probe/machine.ts';
import { probeWalls } from './probe/walls.ts';
import { createOutlook } from './outlook.ts';
import { prepareRuntime, type AgentSource } from './runtime.ts';
import { createServices } from './services/services.ts';
import { topFolders } from './top-folders.ts';
import { OWN_UID, createUids } from './uids.ts';

export interface DriverLog {
  info(facts: object, text: string): void;
  warn(facts: object, text: string): void;
}

export interface LocalDriverOptions {
  /** the state folder, `.palestra` */
  readonly state: string;
  readonly kits: KitSource;
  readonly limits: Limits;
  readonly trust: AgentTrust;
  readonly log: DriverLog;
  /** names of services, for /etc/hosts of sandboxes; reachable they are only where they are lent */
  readonly hosts?: readonly string[];
  /** run without walls, on a person's own machine; default: refuse to start where walls cannot stand */
  readonly unsandboxed?: boolean;
  /** default: the agent of this repository */
  readonly agent?: AgentSource;
  /** default: found from `state`, see `place.ts` */
  readonly place?: Place;
  /** called at each step of a start, claim and release; tests let the server die here */
  readonly atStep?: (step: Step) => void | Promise<void>;
}

/** @throws Problem `unavailable` where bubblewrap does not work and `unsandboxed` was not asked for (T71) */
export async function createLocalDriver(options: LocalDriverOptions): Promise<Driver> {
  const place = options.place ?? (await findPlace({ state: options.state }));
  if (place.elsewhere !== undefined)
    options.log.info({ folder: place.root }, `sandboxes live in ${place.root}: ${place.elsewhere}`);
  const folders = foldersOf(place);
  const bounds = await findBounds({ name: boundsName(place) });
  const runtime = await prepareRuntime(folders.runtime, {
    agent: options.agent,
    hosts: options.hosts ?? [],
  });
  const enclosureOptions = { runtime, trust: options.trust, limits: options.limits };
  const unsandboxed = options.unsandboxed === true;
  if (unsandboxed)
    options.log.warn(
      {},
      'sandboxes run WITHOUT walls, as was asked for: whoever opens a lab is you on this machine',
    );
  else await wallsMustStand();
  const onTrouble = (what: string, error: unknown) =>
    options.log.warn({ err: error }, `trouble while ${what}`);
  const services = createServices({
    folder: folders.services,
    sockets: place.sockets,
    runtime,
    onTrouble,
  });
  const ground = createLocalGround({
    folders,
    sockets: place.sockets,
    bounds,
    uids: process.getuid?.() === 0 ? createUids(folders.uids, shortHash(place.root)) : OWN_UID,
    starts: {
      limits: options.limits,
      kits: options.kits,
      services,
      enclosure: unsandboxed ? unwalled(enclosureOptions) : walled(enclosureOptions, await topFolders()),
    },
    atStep: options.atStep,
    onExit: () => outlook.look(),
  });
  const pool = createPool({ ground, onTrouble });

  const outlook = createOutlook({ pool, ended: ground.ended, onTrouble });

  /** known once `adopt` asked; who never asks sees only its own sandboxes */
  let looksAfter: 'its own' | 'the place' | 'a part' = 'its own';

  return {
    name: 'local',
    probe: () => probeMachine({ place, bounds }),
    async adopt() {
      looksAfter = (await becomeOwner(place.root)) ? 'the place' : 'a part';
      if (looksAfter === 'a part') return [];
      const found = await ground.adopt();
      pool.adopt(found);
      return found;
    },
    keepWarm: pool.keepWarm,
    claim: pool.claim,
    async lend(lab, services) {
      const sandbox = pool.list().find((one) => one.lab === lab);
      if (sandbox === undefined)
        throw new Problem('sandbox-gone', 'This lab has no sandbox. Resume it to go on.');
      return ground.lend(sandbox, services);
    },
    release: pool.release,
    discard: ground.discard,
    list: () => (looksAfter === 'a part' ? ground.survey() : Promise.resolve(pool.list())),
    watch: pool.watch,
    async close() {
      await outlook.close();
      await services.close();
      await pool.close();
      await bounds.close();
      if (looksAfter === 'the place') await giveUpPlace(place.root);
    },
  };
}

/** T71: no sandbox is better than a weak one. */
async function wallsMustStand(): Promise<void> {
  const refusal = refusalFor(await probeWalls());
  if (refusal !== null) throw refusal;
}

/** @returns what to say where something needed is missing; null: walls stand. Pure. */
export function refusalFor(probes: readonly Probe[]): Problem | null {
  const missing = probes.filter((probe) => !probe.ok && probe.need === 'needed');
  if (missing.length === 0) return null;
  const reasons = missing.map((probe) => `${probe.name}: ${probe.found}. ${probe.todo}`).join(' ');
  return new Problem('unavailable', `Sandboxes cannot be started here. ${reasons}`);
}
