/** Work with a name: said when it begins, how far it is, and how long it took. */
import { Problem } from '../../sandbox-server/contract/errors.ts';
import type { StageLine } from '../../sandbox-server/contract/service.ts';
import { sentenceOf } from './sentence.ts';

export type Say = (line: StageLine) => void;
export interface StageOptions {
  /** after the label */
  readonly detail?: string;
  /** said only when it takes longer than 300 ms: it looks, and mostly finds all as it should be */
  readonly quiet?: boolean;
}
/** Says how far the work is; `of` where it can be counted. */
export type Progress = (done: number, of?: number) => void;
/** @throws Problem: the work's own, or `internal` with its words */
export type Staged<Stage extends string> = (
  stage: Stage,
  work: (progress: Progress) => Promise<unknown>,
  options?: StageOptions,
) => Promise<void>;

export function stagedBy<Stage extends string>(
  labels: Readonly<Record<Stage, string>>,
  say: Say,
): Staged<Stage> {
  return async (stage, work, { detail, quiet = false } = {}) => {
    const label = detail === undefined ? labels[stage] : `${labels[stage]} (${detail})`;
    const began = performance.now();
    const seconds = () => Math.round((performance.now() - began) / 100) / 10;
    let begun = false;
    const begin = () => {
      if (!begun) say({ stage, state: 'begun', label });
      begun = true;
    };
    const late = quiet ? setTimeout(begin, 300) : undefined;
    if (!quiet) begin();
    try {
      await work((done, of) =>
        say({ stage, state: 'begun', label, done, ...(of === undefined ? {} : { of }) }),
      );
    } catch (error) {
      begin();
      const words = `${label}: ${sentenceOf(error)}`.slice(0, 300);
      say({ stage, state: 'failed', label: words, seconds: seconds() });
      if (error instanceof Problem) throw error;
      throw new Problem('internal', `${label} failed: ${sentenceOf(error)}`, { cause: error });
    } finally {
      clearTimeout(late);
    }
    if (begun) say({ stage, state: 'done', label, seconds: seconds() });
  };
}
