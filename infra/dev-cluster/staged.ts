/** Work with a name: said when it begins, how far it is, and how long it took. */
import { Problem } from '../../sandbox-server/contract/errors.ts';
import type { StageLine } from '../../sandbox-server/contract/service.ts';
import { sentenceOf } from '../data-lake/part.ts';
import { LABELS, type Stage } from './box/stages.ts';

export type Say = (line: StageLine) => void;
export interface StageOptions {
  /** after the label */
  readonly detail?: string;
  /** said only when it takes longer than 300 ms: it looks, and mostly finds all as it should be */
  readonly quiet?: boolean;
}
export type Staged = (
  stage: Stage,
  work: (progress: (done: number) => void) => Promise<unknown>,
  options?: StageOptions,
) => Promise<void>;

const PROGRESS_EVERY = 2_000;

export function stagedBy(say: Say): Staged {
  return async (stage, work, { detail, quiet = false } = {}) => {
    const label = detail === undefined ? LABELS[stage] : `${LABELS[stage]} (${detail})`;
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
      await work(everyNowAndThen((done) => say({ stage, state: 'begun', label, done })));
    } catch (error) {
      begin();
      say({
        stage,
        state: 'failed',
        label: `${label}: ${sentenceOf(error)}`.slice(0, 300),
        seconds: seconds(),
      });
      throw error instanceof Problem
        ? error
        : new Problem('internal', `${label} failed: ${sentenceOf(error)}`, { cause: error });
    } finally {
      clearTimeout(late);
    }
    if (begun) say({ stage, state: 'done', label, seconds: seconds() });
  };
}

function everyNowAndThen(tell: (done: number) => void): (done: number) => void {
  let last = 0;
  return (done) => {
    if (performance.now() - last < PROGRESS_EVERY) return;
    last = performance.now();
    tell(done);
  };
}
