/** A pod on its way: until its agent listens, or it is clear that it will not, and why. */
import { Problem } from '../../contract/errors.ts';
import type { ClaimRequest } from '../driver.ts';
import type { PodView, Stuck } from './objects/pod.ts';
import type { Pods } from './pods.ts';

/** a node that has the image starts a pod in a second or two; pulling it may take minutes */
const START_MS = 180_000;
/** longer than others need to finish is no waiting any more */
const ROOM_MS = 600_000;
/** a kubelet says so for a moment also of what it finds a second later */
const TROUBLE_MS = 20_000;

export interface StartOptions {
  readonly pods: Pods;
  readonly uid: string;
  /** gives up; the pod is dropped */
  readonly signal: AbortSignal;
  readonly onStage: NonNullable<ClaimRequest['onStage']>;
  /** a node has it: called once */
  readonly onPlace: () => void;
  readonly drop: (view: PodView) => Promise<void>;
}

/** @returns null where it went away meanwhile: make another. Throws Problem `no-capacity` or `kit-missing`. */
export async function untilReady({
  pods,
  uid,
  signal,
  onStage,
  onPlace,
  drop,
}: StartOptions): Promise<PodView | null> {
  const late = new AbortController();
  let told = '';
  let placed = false;
  let timer = setTimeout(() => late.abort(tooLate(null)), START_MS);
  const allow = (ms: number, stuck: Stuck): void => {
    clearTimeout(timer);
    timer = setTimeout(() => late.abort(tooLate(stuck)), ms);
  };
  const watch = (view: PodView): void => {
    const { stuck } = view;
    if (view.scheduled && !placed) onPlace();
    placed ||= view.scheduled;
    if (stuck === null || told === stuck.kind) return;
    told = stuck.kind;
    allow(stuck.kind === 'room' ? ROOM_MS : TROUBLE_MS, stuck);
    if (stuck.kind === 'room')
      onStage('room', 'The cluster is full just now: waiting for somebody to finish');
  };
  try {
    return await pods.until(
      uid,
      (view) => {
        if (view === undefined || view.ending || view.over !== null) return null;
        watch(view);
        return view.ready ? view : undefined;
      },
      AbortSignal.any([signal, late.signal]),
    );
  } catch (error) {
    const view = pods.get(uid);
    if (view !== undefined) await drop(view);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function tooLate(stuck: Stuck | null): Problem {
  const cause = stuck === null ? undefined : new Error(stuck.text);
  if (stuck?.kind === 'image')
    return new Problem(
      'kit-missing',
      `The image of this kit cannot be had on the cluster (${stuck.text}). Whoever runs this installation must load it.`.slice(
        0,
        500,
      ),
      { cause },
    );
  if (stuck?.kind === 'room')
    return new Problem('no-capacity', 'The cluster has been full for ten minutes. Please try again later.', {
      cause,
    });
  return new Problem(
    'no-capacity',
    'A sandbox could not be started on the cluster. `npx palestra doctor` says what is missing.',
    { cause },
  );
}
