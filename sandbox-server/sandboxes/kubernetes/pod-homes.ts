/** Homes of pods: brought before anybody is told of the sandbox, saved before it ends. Kept nowhere, they end with their pod. */
import type { ClaimRequest } from '../driver.ts';
import type { HomeIn, KeptHomes, SandboxLinkTo } from '../kept-homes.ts';
import { sandboxOf } from './objects/pod.ts';
import type { PodView } from './objects/pod.ts';

/** Where homes are kept, and the links they go through. */
interface HomesPlace {
  readonly homes?: KeptHomes | undefined;
  readonly linkTo: SandboxLinkTo;
}

export interface PodHomes {
  /** whether nothing is to be brought any more; after a restart of the server it is asked again, and done once */
  isIn(view: PodView): boolean;
  /** Problem where it could not be brought: the pod is dropped, nothing usable may be in it */
  bring(view: PodView, told: Pick<ClaimRequest, 'onStage' | 'onNote'>): Promise<void>;
  /** Problem `unavailable`: the pod must not be ended yet */
  save(view: PodView): Promise<void>;
  /** everything kept of this lab goes */
  discard(lab: string): Promise<void>;
  /** the pod is gone */
  forget(uid: string): void;
}

/** @param drop ends a pod that nobody is to have */
export function createPodHomes(
  { homes: kept, linkTo }: HomesPlace,
  drop: (view: PodView) => Promise<void>,
): PodHomes {
  const home = new Set<string>();
  const isIn = ({ uid }: PodView): boolean => kept === undefined || home.has(uid);
  return {
    isIn,
    async bring(view, { onStage, onNote }) {
      const where = homeOf(view);
      if (kept === undefined || where === null || isIn(view)) return;
      const link = linkTo(sandboxOf(view));
      try {
        const { note } = await kept.restoreInto(where, link, (done, all) =>
          onStage?.('home', 'Bringing your files', { done, all, unit: 'bytes' }),
        );
        home.add(view.uid);
        if (note !== null) onNote?.(note);
      } catch (error) {
        await drop(view);
        throw error;
      }
    },
    async save(view) {
      const where = homeOf(view);
      if (kept === undefined || where === null || view.pin === null || view.released) return;
      await kept.saveFrom(where, linkTo(sandboxOf(view)));
    },
    discard: (lab) => kept?.discard(lab) ?? Promise.resolve(),
    forget: (uid) => void home.delete(uid),
  };
}

function homeOf(view: PodView): HomeIn | null {
  const { lab, id } = sandboxOf(view);
  return lab === null ? null : { lab, sandbox: id };
}
