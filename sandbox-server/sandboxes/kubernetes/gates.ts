/**
 * A pool fills up again after its learners have started, and not while they do. A ReplicaSet makes a pod for each that was
 * claimed, at once: 28 learners who press Start in one moment had 28 new pods' starts beside their own prompts (the last
 * of them after 12 s on one node; decision 015). So a pool's pods are made with a gate, which the scheduler respects, and
 * a server takes it away once nobody has claimed for a moment. Of several servers any may: the patch says what it expects.
 */
import type { PodView } from './objects/pod.ts';
import type { Pods } from './pods.ts';

/** after a claim, ms: its prompt is there, also where 28 start at once on one node of two cores */
const QUIET_MS = 5_000;
/** a pool that is drawn from without a pause fills up all the same, ms */
const LONGEST_MS = 20_000;
/** servers look at the same pods: the later one mostly finds it done */
const APART_MS = 250;
const RETRY_MS = 3_000;

/**
 * @param free ready pods that are nobody's: while there is none, a learner may wait for just this one
 * @returns ms since the epoch: when a pod may have its node
 */
export function opensAt(view: Pick<PodView, 'createdAt'>, lastClaim: number, free: number): number {
  return Math.min(lastClaim + QUIET_MS, view.createdAt + (free > 0 ? LONGEST_MS : QUIET_MS));
}

/** a pod that the scheduler still leaves */
export type Gated = PodView & { readonly gate: number };

export interface GatesOptions {
  readonly pods: Pods;
  /** takes the gate away. Rejects where the cluster is away */
  readonly open: (view: Gated) => Promise<void>;
  readonly onTrouble: (what: string, error: unknown) => void;
}
export interface Gates extends Disposable {
  /** somebody waits and there is no room but what a gated pod takes up: open them all now */
  hurry(): void;
}

export function createGates({ pods, open, onTrouble }: GatesOptions): Gates {
  let lastClaim = 0;
  let timer: NodeJS.Timeout | null = null;
  let opening = false;
  let closed = false;

  const gated = (): readonly Gated[] =>
    pods
      .all()
      .filter((view) => isGated(view))
      .filter((view) => view.state === 'warm' && !view.ending);
  const free = (): number => pods.all().filter((view) => view.state === 'warm' && view.ready).length;

  const openDue = async (): Promise<number> => {
    const now = Date.now();
    try {
      for (const view of gated()) if (!closed && opensAt(view, lastClaim, free()) <= now) await open(view);
      return APART_MS;
    } catch (error) {
      onTrouble('letting new sandboxes of a pool start', error);
      return RETRY_MS;
    }
  };
  const work = async (): Promise<void> => {
    timer = null;
    opening = true;
    const pause = await openDue();
    opening = false;
    arm(pause);
  };
  /** the first of them that may; one timer for all */
  const arm = (atLeast = 0): void => {
    if (closed || opening) return;
    if (timer !== null) clearTimeout(timer);
    timer = null;
    const times = gated().map((view) => opensAt(view, lastClaim, free()));
    if (times.length === 0) return;
    const pause = Math.max(atLeast, Math.min(...times) - Date.now());
    timer = setTimeout(() => void work(), pause + Math.random() * APART_MS).unref();
  };

  pods.onChange((now, before) => {
    if (now?.state === 'claimed' && before?.state === 'warm') lastClaim = Date.now();
    if (now !== undefined && isGated(now) && timer === null) arm();
  });
  return {
    hurry() {
      lastClaim = 0;
      arm();
    },
    [Symbol.dispose]() {
      closed = true;
      if (timer !== null) clearTimeout(timer);
    },
  };
}

function isGated(view: PodView): view is Gated {
  return view.gate !== null;
}
