/** Sandboxes that ended without being asked to: said once each, with what is known of why. */
import type { PodView } from './objects/pod.ts';

export interface Losses {
  /** looks at a pod that changed: whether it can be a sandbox no more */
  look(view: PodView): void;
  /** it is there no more */
  gone(view: PodView): void;
  /** whether it was said of a pod that is still there */
  said(uid: string): boolean;
}

/**
 * @param meant whether the pod's end is somebody's intention, or noticed by whoever is at it
 * @param tell of a pod that has a lab
 */
export function createLosses(
  meant: (view: PodView) => boolean,
  tell: (view: PodView, reason: string) => void,
): Losses {
  const lost = new Set<string>();
  const lose = (view: PodView, reason: string): void => {
    if (view.lab === null || lost.has(view.uid) || meant(view)) return;
    lost.add(view.uid);
    tell(view, reason);
  };
  return {
    look(view) {
      if (view.state !== 'claimed' || view.released) return;
      const reason = view.over ?? (view.ending ? 'the cluster ended its pod' : null);
      if (reason !== null) lose(view, reason);
    },
    gone(view) {
      if (view.state === 'claimed') lose(view, view.over ?? 'its pod was deleted');
      lost.delete(view.uid);
    },
    said: (uid) => lost.has(uid),
  };
}
