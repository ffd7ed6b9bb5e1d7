/** Prove: every lesson replayed as a learner would, each check red before its step and green after it. */
import type { Catalogue } from '../../catalogue/face.ts';
import type { Kits } from '../../sandboxes/kits.ts';
import type { LinkTo } from '../../sandboxes/agent-link.ts';
import type { Driver } from '../../sandboxes/driver.ts';
import type { ProofIdentity, ProofServices } from './belongings.ts';
import { proveLesson } from './prove-lesson.ts';
import type { LessonReport, ProveReport } from './report.ts';
import { selectLessons } from './select.ts';

export { ProveReport } from './report.ts';

export interface ProveOptions {
  readonly catalogue: Catalogue;
  readonly driver: Driver;
  readonly linkTo: LinkTo;
  readonly kits: Kits;
  readonly services: ProofServices;
  readonly identity?: ProofIdentity | undefined;
  /** `dask`, `dask/2-graph`; none: all */
  readonly lessons: readonly string[];
  /** the caller prints the report alone: nothing is logged */
  readonly json: boolean;
  /** leave the sandbox of a failed lesson running */
  readonly keep: boolean;
  readonly log: (line: string) => void;
}

/**
 * One lesson after the other, each in a sandbox and home of its own.
 * @throws Problem `not-found` where a name is no course and no lesson
 */
export async function prove(options: ProveOptions): Promise<ProveReport> {
  const log = options.json ? () => undefined : options.log;
  const lessons: LessonReport[] = [];
  for (const selected of selectLessons(options.catalogue, options.lessons))
    lessons.push(await proveLesson({ ...options, log }, selected));
  const failed = lessons.filter(({ status }) => status === 'failed').length;
  const proven = lessons.filter(({ status }) => status === 'proven').length;
  log(`${proven} of ${lessons.length} lessons proven, ${failed} failed`);
  return { driver: options.driver.name, lessons, failed };
}
