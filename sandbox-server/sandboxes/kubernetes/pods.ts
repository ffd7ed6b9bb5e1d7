/** What is known of the cluster's sandboxes: every pod as last seen, and whoever waits for one to change. */
import type { PodView } from './objects/pod.ts';

export interface Pods {
  all(): readonly PodView[];
  get(uid: string): PodView | undefined;
  ofLab(lab: string): readonly PodView[];
  /** a newer sight of a pod; an older one than is known changes nothing */
  see(view: PodView): void;
  /** it is there no more */
  forget(uid: string): void;
  /** the cluster's revision at which a pod was first seen to be its lab's: who claimed first */
  claimedAt(uid: string): bigint | undefined;
  /**
   * Waits for a pod to be (or do) something.
   * @param look its answer, once it is not undefined; asked with undefined when the pod is gone
   * @throws the signal's reason
   */
  until<T>(uid: string, look: (view: PodView | undefined) => T | undefined, signal: AbortSignal): Promise<T>;
  /** `before` undefined: new; `now` undefined: gone */
  onChange(listener: (now: PodView | undefined, before: PodView | undefined) => void): void;
}

export function createPods(): Pods {
  const pods = new Map<string, PodView>();
  const claims = new Map<string, bigint>();
  const listeners = new Set<(now: PodView | undefined, before: PodView | undefined) => void>();
  const waiters = new Map<string, Set<() => void>>();

  const tell = (uid: string, now: PodView | undefined, before: PodView | undefined): void => {
    for (const listener of listeners) listener(now, before);
    for (const look of [...(waiters.get(uid) ?? [])]) look();
  };
  const wait = (uid: string, look: () => void): (() => void) => {
    const all = waiters.get(uid) ?? new Set();
    waiters.set(uid, all.add(look));
    return () => {
      all.delete(look);
      if (all.size === 0) waiters.delete(uid);
    };
  };
  return {
    all: () => [...pods.values()],
    get: (uid) => pods.get(uid),
    ofLab: (lab) => [...pods.values()].filter((view) => view.lab === lab),
    see(view) {
      const before = pods.get(view.uid);
      if (before !== undefined && before.revision >= view.revision) return;
      pods.set(view.uid, view);
      if (view.state === 'claimed' && !claims.has(view.uid)) claims.set(view.uid, view.revision);
      tell(view.uid, view, before);
    },
    forget(uid) {
      const before = pods.get(uid);
      if (before === undefined) return;
      pods.delete(uid);
      claims.delete(uid);
      tell(uid, undefined, before);
    },
    claimedAt: (uid) => claims.get(uid),
    until<T>(uid: string, look: (view: PodView | undefined) => T | undefined, signal: AbortSignal) {
      const { promise, resolve, reject } = Promise.withResolvers<T>();
      const check = (): void => {
        const found = look(pods.get(uid));
        if (found !== undefined) resolve(found);
      };
      const stop = wait(uid, check);
      const aborted = (): void => reject(signal.reason as Error);
      signal.addEventListener('abort', aborted, { once: true });
      if (signal.aborted) aborted();
      check();
      return promise.finally(() => {
        stop();
        signal.removeEventListener('abort', aborted);
      });
    },
    onChange: (listener) => void listeners.add(listener),
  };
}
