/**
 * The cluster as a lab uses it: prepared for its lesson, delivered into its sandbox, its token kept fresh until the lab
 * stops. A renewal that fails never ends a lab: it is tried again.
 */
import type { Config } from '../contract/config.ts';
import type { ClusterNeed } from '../contract/namespace.ts';
import type { Person } from '../identity/face.ts';
import { entitlementsOf } from '../identity/groups.ts';
import type { Log } from '../telemetry/index.ts';
import { accessTogether, type Access } from './access.ts';
import { deliver, renewIn, untilReachable } from './deliver.ts';
import type { LabAccess, Namespaces, RunningLab } from './face.ts';

export interface LabAccessOptions {
  readonly namespaces: Pick<Namespaces, 'prepare' | 'renew' | 'end' | 'sweep'>;
  readonly config: Pick<Config, 'groups' | 'namespaces'>;
  readonly log: Log;
  readonly clock?: () => number;
}
const RETRY_MS = 20_000;
const SOONEST_MS = 1000;

export function createLabAccess({ namespaces, config, log, clock = Date.now }: LabAccessOptions): LabAccess {
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
  const accessOf = ({ groups }: Pick<Person, 'groups'>, needs: readonly ClusterNeed[]): Access =>
    accessTogether(needs, entitlementsOf(groups, config.groups).grants, config.namespaces);
  return {
    vet: (person, needs) => void accessOf(person, needs),
    async open(of, onStage) {
      const access = accessOf(of.person, of.needs);
      onStage('Preparing your namespace on the cluster');
      const prepared = await namespaces.prepare(of.person, of.lab, access);
      of.signal?.throwIfAborted();
      await deliver(of.link, prepared);
      onStage('Waiting for the network to the cluster');
      await untilReachable(of.link, prepared.api, of.signal);
      of.signal?.throwIfAborted();
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
    async sweep(isAlive) {
      const { labs, ended } = await namespaces.sweep(isAlive);
      if (labs.length + ended.length > 0)
        log.info({ labs, ended }, 'what labs left on the cluster was ended');
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
