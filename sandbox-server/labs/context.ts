/** What the parts of this room share: the dependencies given to `createLabs`, and the labs that live now. */
import type { Catalogue } from '../catalogue/face.ts';
import type { Lab } from '../contract/lab.ts';
import type { Identity } from '../identity/face.ts';
import type { LinkTo } from '../sandboxes/agent-link.ts';
import type { LabAccess } from '../namespaces/face.ts';
import type { Driver, Sandbox } from '../sandboxes/driver.ts';
import type { Kits } from '../sandboxes/kits.ts';
import type { Replicas } from '../replicas/face.ts';
import type { Services } from '../services/face.ts';
import type { Store } from '../store/index.ts';
import type { Log } from '../telemetry/index.ts';
import type { Hub } from './hub.ts';
import type { Change, LabRecord, Records } from './records.ts';
import type { Guest } from './shared-labs.ts';
import type { SharedAgent } from './shared-events.ts';
import type { TokenRenewal } from './token-renewal.ts';
import type { Turns } from './turns.ts';

export interface LabsConfig {
  /** days a paused lab's home is kept */
  readonly keepDays: number;
  /** the server's secret behind $PALESTRA_SEED; the same for ever, or inputs of running lessons change */
  readonly secret: string | Buffer;
  /** homes do not stay with their sandboxes: what was saved is all that is left of one that ends by itself */
  readonly savedHomes?: boolean;
}
export interface LabsOptions {
  readonly store: Store;
  readonly catalogue: Catalogue;
  readonly identity: Pick<Identity, 'person' | 'sandboxToken' | 'known'>;
  /** the servers beside this one; default: none */
  readonly replicas?: Replicas;
  readonly driver: Driver;
  readonly linkTo: LinkTo;
  readonly kits: Kits;
  /** what lessons need outside their sandboxes */
  readonly services: Pick<Services, 'get' | 'ready' | 'admit' | 'address'>;
  /** learners' namespaces on the cluster; absent: lessons that need one cannot be started */
  readonly cluster?: LabAccess | undefined;
  /** `checks.openLesson`, wired in checks/learning.ts: lays a lesson's files and runs its setup */
  readonly openLesson: (
    lab: string,
    lesson: string,
    onStage: (name: 'files' | 'setup', text: string) => void,
  ) => Promise<void>;
  /** `checks.prepare` */
  readonly prepare: (
    lab: string,
    lessons: readonly string[],
    onProgress: (done: number, all: number, what: string) => void,
  ) => Promise<void>;
  readonly clock?: () => number;
  /** how often a pause or an end that failed is tried again, ms; default: a minute */
  readonly unfinishedMs?: number;
  readonly log: Log;
  readonly config: LabsConfig;
}

/** A sandbox that a lab has now. */
export interface Live {
  readonly sandbox: Sandbox;
  readonly shared: SharedAgent;
  /** it was ready once: its sockets stay open while a further lesson is laid */
  wasReady: boolean;
  /** services were lent to it, perhaps: the next lesson says which it has */
  lent: boolean;
}
/** A start that is on its way. */
export interface Run {
  readonly abort: AbortController;
  readonly done: Promise<void>;
}
export interface Context extends Omit<LabsOptions, 'clock' | 'replicas'> {
  readonly clock: () => number;
  readonly replicas: Replicas;
  /** links of our own to sandboxes of labs that another server looks after, by lab */
  readonly guests: Map<string, Guest>;
  /** what the leader said of labs' tokens */
  readonly heardTokens: Map<string, NonNullable<Lab['token']>>;
  readonly records: Records;
  readonly hub: Hub;
  /** the same without the other servers */
  readonly local: Hub;
  readonly turns: Turns;
  readonly tokens: TokenRenewal;
  readonly live: Map<string, Live>;
  readonly runs: Map<string, Run>;
  readonly closed: Announcer<[lab: string, why: 'paused' | 'ended' | 'lost']>;
  readonly opened: Announcer<[record: LabRecord]>;
  /** this server looks after a lab no longer; it may run on, and another does */
  readonly left: Announcer<[lab: string]>;
  toLab(record: LabRecord): Lab;
  /** changes the row and tells its person */
  change(record: LabRecord, change: Change, durable: boolean): Promise<LabRecord>;
}

/** Listeners of one thing; each is told, also where another throws. */
export interface Announcer<A extends unknown[]> {
  tell(...what: A): void;
  listen(listener: (...what: A) => void): Disposable;
}

export function createAnnouncer<A extends unknown[]>(log: Log): Announcer<A> {
  const listeners = new Set<(...what: A) => void>();
  return {
    tell(...what) {
      for (const listener of [...listeners]) {
        try {
          listener(...what);
        } catch (error) {
          log.error({ err: error }, 'a listener failed');
        }
      }
    },
    listen(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
  };
}

const DAY_MS = 24 * 3600 * 1000;

export function keptUntil(context: Pick<Context, 'clock' | 'config'>): number {
  return context.clock() + context.config.keepDays * DAY_MS;
}
