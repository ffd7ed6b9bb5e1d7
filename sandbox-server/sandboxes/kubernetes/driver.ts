/**
 * The Kubernetes driver: pods as sandboxes. Pods, pools, quotas, policies and scheduling are the cluster's; ours is
 * claiming, and saying what happened. Sandboxes outlive the server; every fact about them is in the cluster.
 */
import { Problem } from '../../contract/errors.ts';
import type { AgentTrust, ClaimRequest, Driver, Sandbox, SandboxEvent } from '../driver.ts';
import type { KeptHomes, SandboxLinkTo } from '../kept-homes.ts';
import { unlessAborted } from '../unless-aborted.ts';
import { openAccess } from './api/access.ts';
import type { AccessOptions, ClusterAccess } from './api/access.ts';
import { createApi } from './api/api.ts';
import { awayProblem, isPassing } from './api/api-error.ts';
import { apply, configMapsPath } from './apply.ts';
import { createClaims } from './claims.ts';
import { createClusterPods, podsPath } from './cluster-pods.ts';
import { createEndings } from './endings.ts';
import { createGates } from './gates.ts';
import { createLendings } from './lendings.ts';
import { createHomeVolumes } from './home-volumes.ts';
import { createLosses } from './losses.ts';
import { ungatePatch } from './objects/claim-patch.ts';
import { LABEL, NAME } from './objects/names.ts';
import type { VolumeSettings } from './objects/home-volume.ts';
import type { PodSettings } from './objects/pod-template.ts';
import { isAlive, sandboxOf } from './objects/pod.ts';
import type { PodView } from './objects/pod.ts';
import { ticketKeys } from './objects/ticket-keys.ts';
import { createPins } from './pins.ts';
import { createPodHomes } from './pod-homes.ts';
import { createPodWatch } from './pod-watch.ts';
import type { WatchTimes } from './pod-watch.ts';
import { createPods } from './pods.ts';
import { createPools } from './pools.ts';
import { probeCluster } from './probe.ts';

export interface KubernetesDriverOptions {
  readonly access: AccessOptions | ClusterAccess;
  readonly namespace: string;
  /** what a kit's pods are. Throws Problem `kit-missing` */
  readonly settingsOf: (kit: string) => PodSettings;
  readonly trust: AgentTrust;
  readonly log: { info(facts: object, text: string): void; warn(facts: object, text: string): void };
  /** seconds that a sandbox may live after its claim; default: a week */
  readonly lifetime?: number;
  /** to the agents, for homes and services */
  readonly linkTo: SandboxLinkTo;
  /** homes that outlive pods; absent: a released sandbox's files are gone */
  readonly homes?: KeptHomes | undefined;
  /** homes on volumes of the cluster instead: labs start cold, none is kept ready */
  readonly volume?: VolumeSettings | undefined;
  /** tests only */
  readonly times?: WatchTimes;
  /** how long a claim waits for a cluster that is away, ms; default: a minute */
  readonly patience?: number;
}

/** in the words of "Your sandbox was closed (…)" */
const LEAVING = 'the machine it ran on is taken out of service';
const WEEK_S = 7 * 24 * 3600;

interface Going {
  readonly claim: Promise<Sandbox>;
  readonly giveUp: AbortController;
}

/** @throws Problem `unavailable` where no cluster is named; one that does not answer is `adopt`'s to say */
export async function createKubernetesDriver(options: KubernetesDriverOptions): Promise<Driver> {
  const { namespace, settingsOf, log } = options;
  const access = 'server' in options.access ? options.access : await openAccess(options.access);
  const api = createApi(access);
  const cluster = createClusterPods(api, namespace);
  const pods = createPods();
  const pins = createPins((view, pin) => options.linkTo(sandboxOf(view, pin)).status());
  const endings = createEndings(cluster, pods);
  const onTrouble = (what: string, error: unknown): void => log.warn({ err: error }, `trouble while ${what}`);
  const pools = createPools(api, namespace, onTrouble);
  const gates = createGates({
    pods,
    async open({ name, uid, gate }) {
      const opened = await cluster.patch(name, ungatePatch(uid, gate));
      if (opened !== null) pods.see(opened);
    },
    onTrouble,
  });
  const watch = createPodWatch({
    api,
    path: podsPath(namespace),
    selector: `${LABEL.name}=${NAME}`,
    pods,
    times: options.times,
    onLine: (state, why) =>
      state === 'live'
        ? log.info({ pods: pods.all().length }, 'the cluster is watched')
        : log.warn({ err: why }, 'the cluster does not answer: running labs go on, new ones wait'),
  });
  const volumes = options.volume && createHomeVolumes(api, namespace, options.volume);
  const claims = createClaims({
    namespace,
    cluster,
    pods,
    pins,
    settingsOf,
    lifetime: options.lifetime ?? WEEK_S,
    volumes,
    drop: (view) => endings.end(view),
    patience: options.patience,
    onTrouble,
  });
  const going = new Map<string, Going>();
  const releases = new Map<string, Promise<void>>();
  const listeners = new Set<(event: SandboxEvent) => void>();
  let closed = false;

  const tell = (event: SandboxEvent): void => {
    for (const listener of listeners) listener(event);
  };
  const homes = createPodHomes(options, (view) => endings.end(view));
  const lendings = createLendings(options.linkTo);
  const losses = createLosses(
    // one on its way to a lab is not lost: its claim notices, and takes another
    (view) => endings.meant(view) || going.has(view.lab ?? ''),
    (view, reason) => tell({ type: 'lost', sandbox: sandboxOf(view), reason }),
  );
  const isSandbox = (view: PodView): boolean => {
    if (!isAlive(view) || losses.said(view.uid) || view.ip === null) return false;
    return view.state === 'warm' ? view.ready && view.restarts === 0 : view.lab !== null && view.pin !== null;
  };
  const ofLab = (lab: string): PodView | undefined =>
    pods.ofLab(lab).find((view) => view.state === 'claimed' && isSandbox(view) && !view.controlled);

  const claimOnce = async (ask: ClaimRequest, giveUp: AbortSignal): Promise<Sandbox> => {
    await releases.get(ask.lab);
    const onStage = ask.onStage ?? (() => undefined);
    const onPlace = ask.onPlace ?? (() => undefined);
    const view = await claims
      .take({ lab: ask.lab, kit: ask.kit, onStage, onPlace }, giveUp)
      .catch((error: unknown) => {
        if (error instanceof Problem && error.code === 'no-capacity') gates.hurry();
        throw error;
      });
    await homes.bring(view, ask);
    const sandbox = sandboxOf(view);
    tell({ type: 'claimed', sandbox });
    return sandbox;
  };
  const claimFor = (ask: ClaimRequest): Promise<Sandbox> => {
    const known = going.get(ask.lab);
    if (known !== undefined) return known.claim;
    const giveUp = new AbortController();
    const claim = claimOnce(ask, giveUp.signal).finally(() => going.delete(ask.lab));
    going.set(ask.lab, { claim, giveUp });
    return claim;
  };

  /** A pod that waits for room is given up at once; any other claim is a moment's. */
  const endClaim = async (lab: string): Promise<void> => {
    const claim = going.get(lab);
    if (claim === undefined) return;
    if (pods.ofLab(lab).some(({ stuck }) => stuck !== null))
      claim.giveUp.abort(new Problem('conflict', 'The lab was ended while it waited for a sandbox.'));
    await claim.claim.then(
      () => undefined,
      () => undefined, // its own caller is told
    );
  };
  const releaseOnce = async (lab: string, forget: boolean): Promise<void> => {
    await endClaim(lab);
    const mine = pods.ofLab(lab).filter(({ state }) => state === 'claimed');
    for (const view of mine) {
      if (!forget) await homes.save(view);
      const lost = losses.said(view.uid); // forgotten once it is gone
      await endings.end(view);
      if (!lost) tell({ type: 'released', sandbox: sandboxOf(view) });
    }
  };
  const release: Driver['release'] = (lab, how) => {
    const known = releases.get(lab);
    if (known !== undefined) return known;
    const now = releaseOnce(lab, how?.forget === true)
      .catch((error: unknown) => {
        throw isPassing(error) ? awayProblem(error) : error;
      })
      .finally(() => releases.delete(lab));
    releases.set(lab, now);
    return now;
  };

  pods.onChange((now, before) => {
    if (closed) return;
    if (now === undefined) return wentAway(before);
    if (now.state === 'warm' && now.ready && !now.ending) arrived(now, before);
    if (isColdStart(now, before)) tell({ type: 'ready', sandbox: { ...sandboxOf(now), lab: null } });
    losses.look(now);
    if (isAsked(now, before)) tell({ type: 'leaving', sandbox: sandboxOf(now), reason: LEAVING });
  });
  const isAsked = (now: PodView, before: PodView | undefined): boolean =>
    now.leaveAskedAt !== null &&
    now.leaveAskedAt !== before?.leaveAskedAt &&
    now.state === 'claimed' &&
    isSandbox(now);
  const isColdStart = (now: PodView, before: PodView | undefined): boolean =>
    now.state === 'claimed' &&
    now.ready &&
    before?.ready !== true &&
    before?.state !== 'warm' &&
    going.has(now.lab ?? '');
  const arrived = (now: PodView, before: PodView | undefined): void => {
    // its agent ended once already: the pool makes another in its place
    if (now.restarts > 0)
      return void cluster.remove(now, 0).catch((error: unknown) => onTrouble(`replacing ${now.name}`, error));
    pins.look(now);
    if (before?.ready !== true) tell({ type: 'ready', sandbox: sandboxOf(now) });
  };
  const wentAway = (view: PodView | undefined): void => {
    if (view === undefined) return;
    pins.forget(view.uid);
    losses.gone(view);
    homes.forget(view.uid);
    lendings.forget(view.id);
  };

  return {
    name: 'kubernetes',
    probe: () => probeCluster({ api, access, namespace }),
    async adopt() {
      try {
        await apply(api, configMapsPath(namespace), ticketKeys(namespace, options.trust.keys));
        await watch.list();
      } catch (error) {
        throw isPassing(error) ? awayProblem(error) : error;
      }
      watch.follow();
      for (const view of pods.all().filter((one) => one.released && !one.ending))
        endings.end(view).catch((error: unknown) => onTrouble(`ending ${view.name}`, error));
      return pods
        .all()
        .filter(isSandbox)
        .map((view) => sandboxOf(view));
    },
    keepWarm: (kit, n) => pools.keep(settingsOf(kit), volumes === undefined ? n : 0),
    async claim(request) {
      const { lab, signal } = request;
      signal?.throwIfAborted();
      if (closed) throw new Problem('unavailable', 'The server is stopping. Please try again in a minute.');
      const view = releases.has(lab) || going.has(lab) ? undefined : ofLab(lab);
      if (view !== undefined && homes.isIn(view)) return sandboxOf(view);
      return unlessAborted(claimFor(request), signal);
    },
    async lend(lab, services) {
      const view = ofLab(lab);
      if (view === undefined)
        throw new Problem('sandbox-gone', 'This lab has no sandbox. Resume it to go on.');
      return lendings.lend(sandboxOf(view), services);
    },
    release,
    async discard(lab) {
      await volumes?.discard(lab);
      await homes.discard(lab);
    },
    list: () =>
      Promise.resolve(
        pods
          .all()
          .filter(isSandbox)
          .map((view) => sandboxOf(view, view.pin ?? pins.known(view.uid) ?? '')),
      ),
    watch(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    async close() {
      closed = true;
      await Promise.allSettled([...[...going.values()].map(({ claim }) => claim), ...releases.values()]);
      lendings.close();
      gates[Symbol.dispose]();
      await pools.close();
      await watch.close();
      listeners.clear();
      api.close();
    },
  };
}
