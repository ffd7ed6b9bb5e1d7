/**
 * A lab gets a pod: a warm one by one patch, or one made for it. Two servers may try at once; in the end the lab has one.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { Problem } from '../../contract/errors.ts';
import type { ClaimRequest } from '../driver.ts';
import { awayProblem, hasStatus, isPassing, isUncertain } from './api/api-error.ts';
import type { ClusterPods } from './cluster-pods.ts';
import type { HomeVolumes } from './home-volumes.ts';
import { claimPatch, pinPatch } from './objects/claim-patch.ts';
import { coldPod, coldPodName } from './objects/cold-pod.ts';
import type { PodSettings } from './objects/pod-template.ts';
import { versionOf } from './objects/pod-template.ts';
import { isAlive } from './objects/pod.ts';
import type { PodView } from './objects/pod.ts';
import type { Pins } from './pins.ts';
import type { Pods } from './pods.ts';
import { untilReady } from './start.ts';

/** a ReplicaSet lets go after 13–22 ms, in a scale-down after 0.3 s (p50); this is a controller that hangs */
const CONFIRM_MS = 15_000;
/** a cluster that is away is waited for so long, then the learner is told (F8) */
const PATIENCE_MS = 60_000;
const AWAY_PAUSE = 1_000;
/** between a pod that was not to be had and the next, ms */
const NEXT_PAUSE = 20;
/** a certificate that could not be read: the pod is not tried again for so long */
const SHUN_MS = 10_000;

export interface ClaimsOptions {
  readonly namespace: string;
  readonly cluster: ClusterPods;
  readonly pods: Pods;
  readonly pins: Pins;
  /** Throws Problem `kit-missing` */
  readonly settingsOf: (kit: string) => PodSettings;
  /** seconds that a sandbox may live */
  readonly lifetime: number;
  /** where homes are on volumes: a running pod's cannot change, so no warm one is taken */
  readonly volumes?: HomeVolumes | undefined;
  /** ends a pod that nobody is to have */
  readonly drop: (view: PodView) => Promise<void>;
  readonly patience?: number | undefined;
  readonly onTrouble: (what: string, error: unknown) => void;
}
export type Ask = Pick<ClaimRequest, 'lab' | 'kit'> & {
  readonly onStage: NonNullable<ClaimRequest['onStage']>;
  readonly onPlace: NonNullable<ClaimRequest['onPlace']>;
};

export interface Claims {
  /**
   * @param signal gives up while it still waits for room or for the cluster
   * @returns the lab's pod: its own, running, let go by its pool, with a pin. Problems as the driver's.
   */
  take(ask: Ask, signal: AbortSignal): Promise<PodView>;
}

export function createClaims(options: ClaimsOptions): Claims {
  const { namespace, cluster, pods, pins, settingsOf, lifetime, volumes, drop, onTrouble } = options;
  const reserved = new Set<string>();
  const shunned = new Map<string, number>();

  const isFree = (view: PodView, version: string): boolean =>
    view.state === 'warm' &&
    view.version === version &&
    view.ready &&
    !view.ending &&
    // it served nobody, and yet something ended its agent: what is in its volumes is not as it was
    view.restarts === 0 &&
    !reserved.has(view.uid) &&
    (shunned.get(view.uid) ?? 0) < Date.now();

  /** Any of them: two servers that both took the first would meet at each claim. */
  const pickWarm = (settings: PodSettings): PodView | undefined => {
    const version = versionOf(settings);
    const free = pods.all().filter((view) => view.kit === settings.kit && isFree(view, version));
    const pinned = free.filter(({ uid }) => pins.known(uid) !== undefined);
    const from = pinned.length > 0 ? pinned : free;
    return from[Math.floor(Math.random() * from.length)];
  };

  /** @returns null where another was faster, or the pod is going */
  const patch = async (view: PodView, lab: string): Promise<PodView | null> => {
    const pin = await pins.of(view);
    const { uid, startedAt } = view;
    try {
      const operations = claimPatch({ uid, lab, pin, startedAt, now: Date.now(), lifetime });
      const claimed = await cluster.patch(view.name, operations);
      if (claimed !== null) return claimed;
    } catch (error) {
      if (!isUncertain(error)) throw error;
    }
    return whatBecame(view, lab);
  };
  /** A lost race and a lost answer look alike: the pod says whose it is (F12). */
  const whatBecame = async (view: PodView, lab: string): Promise<PodView | null> => {
    const now = await cluster.get(view.name);
    if (now === null || now.uid !== view.uid) {
      pods.forget(view.uid);
      return null;
    }
    pods.see(now);
    return now.lab === lab && !now.ending ? now : null;
  };

  /** @returns null: not this one, try another */
  const takeWarm = async (view: PodView, lab: string): Promise<PodView | null> => {
    reserved.add(view.uid);
    try {
      const claimed = await patch(view, lab);
      if (claimed === null) return null;
      pods.see(claimed);
      return await letGo(claimed);
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'agent-unreachable') throw error;
      onTrouble(`reading the certificate of ${view.name}`, error);
      shunned.set(view.uid, Date.now() + SHUN_MS);
      return null;
    } finally {
      reserved.delete(view.uid);
    }
  };

  /**
   * A claim that was answered is not yet safe: a ReplicaSet that is being scaled down may still end the pod from what it
   * knew before (finding 1: 30 of 206). Safe it is when the watch shows it without an owner and not ending.
   */
  const letGo = async ({ uid, name }: PodView): Promise<PodView | null> => {
    try {
      return await pods.until(
        uid,
        (view) => {
          if (view === undefined || view.ending) return null;
          return view.state === 'claimed' && !view.controlled ? view : undefined;
        },
        AbortSignal.timeout(CONFIRM_MS),
      );
    } catch (error) {
      const view = pods.get(uid);
      if (view !== undefined) await drop(view);
      const cause = new Error(`${name} was not let go by its ReplicaSet`, { cause: error });
      throw new Problem(
        'no-capacity',
        'The cluster did not give you the sandbox it had. Please try again in a minute.',
        { cause },
      );
    }
  };

  const makeCold = async (ask: Ask, signal: AbortSignal): Promise<PodView | null> => {
    const { lab, kit, onStage } = ask;
    const settings = settingsOf(kit);
    const homeClaim = await volumes?.have(lab);
    const made = await cluster.create(
      coldPod({ namespace, lab, settings, now: Date.now(), lifetime, homeClaim }),
      coldPodName(lab),
    );
    if (made === null) return null;
    // not sooner: where a quota refuses it, its learner still stands in the queue
    onStage('cold', volumes === undefined ? 'Starting a sandbox: none was ready' : 'Starting a sandbox');
    pods.see(made);
    return finishCold(made, ask, signal);
  };
  /** Also of one that a server began and did not finish. */
  const finishCold = async (
    made: PodView,
    { onStage, onPlace }: Ask,
    signal: AbortSignal,
  ): Promise<PodView | null> => {
    const ready = await untilReady({ pods, uid: made.uid, signal, onStage, onPlace, drop });
    if (ready === null) return null;
    if (ready.pin !== null) return ready;
    const pinned = await cluster.patch(ready.name, pinPatch(ready.uid, await pins.of(ready)));
    if (pinned !== null) pods.see(pinned);
    return pinned;
  };

  /** What the lab has already, from before or from another server, brought to its end. */
  const goOn = async (ask: Ask, signal: AbortSignal): Promise<PodView | null> => {
    const mine = pods.ofLab(ask.lab).filter((view) => view.state === 'claimed');
    const alive = mine.filter(isAlive).toSorted(byClaim);
    // the name of one that is going is taken until it has gone
    for (const view of mine.filter((one) => !isAlive(one))) await drop(view);
    const first = alive[0];
    if (first === undefined) return null;
    return first.pin === null ? finishCold(first, ask, signal) : letGo(first);
  };
  const byClaim = (a: PodView, b: PodView): number => {
    const [one, other] = [pods.claimedAt(a.uid) ?? a.revision, pods.claimedAt(b.uid) ?? b.revision];
    return one < other ? -1 : one > other ? 1 : a.uid < b.uid ? -1 : 1;
  };

  /**
   * Two servers may each have got a pod for the lab. Both see all claims in the cluster's own order, and by the time a
   * claim is confirmed whatever came before it was seen: the earlier claim stays, whoever made the later one ends it.
   */
  const settle = async (view: PodView): Promise<PodView | null> => {
    const rivals = pods.ofLab(view.lab ?? '').filter((one) => one.state === 'claimed' && isAlive(one));
    const first = rivals.toSorted(byClaim)[0];
    if (first === undefined || first.uid === view.uid) return view;
    await drop(view);
    return null;
  };

  const takeOnce = async (ask: Ask, signal: AbortSignal): Promise<PodView> => {
    for (;;) {
      signal.throwIfAborted();
      const view = (await goOn(ask, signal)) ?? (await takeAny(ask, signal));
      const settled = view === null ? null : await settle(view);
      if (settled !== null) return settled;
      await delay(NEXT_PAUSE);
    }
  };
  const takeAny = (ask: Ask, signal: AbortSignal): Promise<PodView | null> => {
    const warm = volumes === undefined ? pickWarm(settingsOf(ask.kit)) : undefined;
    return warm === undefined ? makeCold(ask, signal) : takeWarm(warm, ask.lab);
  };

  return {
    async take(ask, signal) {
      const until = Date.now() + (options.patience ?? PATIENCE_MS);
      for (;;) {
        try {
          return await takeOnce(ask, signal);
        } catch (error) {
          if (hasStatus(error, 403, 400)) throw refused(error);
          if (!isPassing(error)) throw error;
          if (Date.now() > until) throw awayProblem(error);
          ask.onStage('cluster', 'The cluster does not answer just now: waiting for it');
          await delay(AWAY_PAUSE, undefined, { signal });
        }
      }
    },
  };
}

/** A quota that is spent, or admission that knows better: the server's own words say which field. */
function refused(error: Error): Problem {
  if (/exceeded quota/.test(error.message))
    return new Problem(
      'no-capacity',
      'All sandboxes that this installation may have are taken. Please try again in a few minutes.',
      { cause: error },
    );
  return new Problem(
    'unavailable',
    `The cluster refused to start a sandbox: ${error.message}`.slice(0, 600),
    { cause: error },
  );
}
