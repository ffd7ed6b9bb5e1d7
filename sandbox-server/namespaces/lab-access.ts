/**
 * The cluster as a lab uses it: prepared for its lesson, delivered into its sandbox, its token kept fresh until the lab
 * stops. A renewal that fails never ends a lab: it is tried again.
 */
import type { ClusterNeed, NamespaceSettings } from '../contract/namespace.ts';
import type { Log } from '../telemetry/index.ts';
import { accessFor, type Granted } from './access.ts';
import { deliver, renewIn, untilReachable, type Receiver } from './deliver.ts';
import type { Learner, Namespaces } from './face.ts';

interface RunningLab {
  readonly lab: string;
  readonly person: Learner;
  readonly link: Receiver;
}
export interface LabOnCluster extends RunningLab {
  readonly grants: Granted;
  readonly need: ClusterNeed;
  readonly signal?: AbortSignal;
}
export interface LabAccess {
  /** Idempotent; a further lesson of the same lab replaces what the one before needed. Throws Problem */
  open(of: LabOnCluster, onStage: (text: string) => void): Promise<void>;
  /** after a restart of the server: only the token is kept fresh again */
  resume(of: RunningLab): void;
  /** no more renewals: the sandbox is gone, its work in the namespace goes on */
  stop(lab: string): void;
  /** the lab's rights end, and with the last lab the namespace */
  end(person: Learner, lab: string): Promise<void>;
  close(): void;
}
export interface LabAccessOptions {
  readonly namespaces: Pick<Namespaces, 'prepare' | 'renew' | 'end'>;
  readonly settings: NamespaceSettings;
  readonly log: Log;
  readonly clock?: () => number;
}
const RETRY_MS = 20_000;
const SOONEST_MS = 1000;

export function createLabAccess({
  namespaces,
  settings,
  log,
  clock = Date.now,
}: LabAccessOptions): LabAccess {
  const timers = new Map<string, NodeJS.Timeout>();
  const stop = (lab: string): void => {
    clearTimeout(timers.get(lab));
    timers.delete(lab);
  };
  const later = (of: RunningLab, ms: number): void => {
    stop(of.lab);
    timers.set(of.lab, setTimeout(() => void renew(of), ms).unref());
  };
  const renew = async (of: RunningLab): Promise<void> => {
    const mine = timers.get(of.lab);
    let next = RETRY_MS;
    try {
      const renewed = await namespaces.renew(of.person, of.lab);
      await renewIn(of.link, renewed);
      next = renewAfter(renewed.expiresAt - clock(), Math.random());
    } catch (error) {
      log.warn({ lab: of.lab, err: error }, 'a token for the cluster was not renewed');
    }
    // stopped, or opened anew, while it was under way
    if (mine !== undefined && timers.get(of.lab) === mine) later(of, next);
  };
  return {
    async open(of, onStage) {
      onStage('Preparing your namespace on the cluster');
      const prepared = await namespaces.prepare(of.person, of.lab, accessFor(of.need, of.grants, settings));
      await deliver(of.link, prepared);
      onStage('Waiting for the network to the cluster');
      await untilReachable(of.link, prepared.api, of.signal);
      later(of, renewAfter(prepared.expiresAt - clock(), Math.random()));
    },
    resume: (of) => {
      later(of, 0);
    },
    stop,
    async end(person, lab) {
      stop(lab);
      await namespaces.end(person, lab);
    },
    close() {
      for (const lab of [...timers.keys()]) stop(lab);
    },
  };
}

/** ms: at 60–75 % of what is left, at random, so that a class does not renew in one second. */
export function renewAfter(leftMs: number, random: number): number {
  return Math.max(SOONEST_MS, leftMs * (0.6 + 0.15 * random));
}
