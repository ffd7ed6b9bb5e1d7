/** What the start of a lab shows: each stage by its sentence, how far it is, and how long the whole took. Pure. */
import type { Lab } from '../../../../sandbox-server/contract/lab.ts';
import { stageWords } from '../words/stages.ts';

export interface StageLine {
  readonly text: string;
  /** what the server says of it in English, beside `text` in the page's language; null: `text` says it */
  readonly english: string | null;
  readonly state: 'over' | 'now';
  readonly seconds: string | null;
  readonly progress: { readonly done: number; readonly all: number; readonly unit: string } | null;
}

/** @param now ms, for the stage under way */
export function stageLines(lab: Lab, now: number): readonly StageLine[] {
  const last = lab.stages.length - 1;
  return lab.stages.map((stage, index) => {
    const over = stage.seconds !== undefined || index < last || lab.state === 'ready';
    const seconds = stage.seconds ?? (over ? null : (now - stage.at) / 1000);
    return {
      ...stageWords(stage),
      state: over ? 'over' : 'now',
      seconds: seconds === null || seconds < 0.05 ? null : inSeconds(seconds),
      progress: over ? null : (stage.progress ?? null),
    };
  });
}

/** Seconds from the first stage of this start to ready; null before. */
export function readyIn(lab: Lab): number | null {
  const [first] = lab.stages;
  if (lab.readyAt === null || first === undefined) return null;
  return Math.max(0, (lab.readyAt - first.at) / 1000);
}

export function inSeconds(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  return seconds < 120 ? `${String(Math.round(seconds))} s` : `${String(Math.round(seconds / 60))} min`;
}

/** What the workspace draws for a state of the lab. */
export type Scene = 'starting' | 'working' | 'paused' | 'ended' | 'failed';
export function sceneOf(lab: Lab | null): Scene {
  switch (lab?.state) {
    case 'ready':
      return 'working';
    case 'pausing':
    case 'paused':
      return 'paused';
    case 'ending':
    case 'ended':
      return 'ended';
    case 'failed':
      return 'failed';
    default:
      return 'starting';
  }
}
