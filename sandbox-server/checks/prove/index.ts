/** Prove: every lesson replayed as a learner would, each check red before its step and green after it. */
import type { Catalogue } from '../../catalogue/face.ts';
import type { LabAccess } from '../../namespaces/face.ts';
import type { Kits } from '../../sandboxes/kits.ts';
import type { LinkTo } from '../../sandboxes/agent-link.ts';
import type { Driver } from '../../sandboxes/driver.ts';
import { createTurns } from '../../sandboxes/turns.ts';
import type { ProofIdentity, ProofServices } from './belongings.ts';
import { proveLesson } from './prove-lesson.ts';
import type { ProveReport } from './report.ts';
import { nameOf, selectLessons } from './select.ts';

export { changedLessons } from './changed.ts';
export { toJunit } from './junit.ts';
export { ProveReport } from './report.ts';

export interface ProveOptions {
  readonly catalogue: Catalogue;
  readonly driver: Driver;
  readonly linkTo: LinkTo;
  readonly kits: Kits;
  readonly services: ProofServices;
  /** absent: lessons that use the cluster are skipped */
  readonly cluster?: LabAccess | undefined;
  readonly identity?: ProofIdentity | undefined;
  /** `dask`, `dask/2-graph`; none: all */
  readonly lessons: readonly string[];
  /** the caller prints the report alone: nothing is logged */
  readonly json: boolean;
  /** leave the sandbox of a failed lesson running */
  readonly keep: boolean;
  /** break solutions on purpose, too: each in a home of its own */
  readonly mutate: boolean;
  /** outputs that differ from the lesson's are in the report, and fail nothing */
  readonly update: boolean;
  /** how many sandboxes at a time, from 1 */
  readonly jobs: number;
  readonly log: (line: string) => void;
  /** after each lesson that ended, and when one begins */
  readonly onProgress?: (progress: Progress) => void;
}
export interface Progress {
  readonly done: number;
  readonly all: number;
  /** those that are being played */
  readonly playing: readonly string[];
}

/**
 * Each lesson in a sandbox and home of its own; with several at a time, what one says comes when it has ended.
 * @throws Problem `not-found` where a name is no course and no lesson
 */
export async function prove(options: ProveOptions): Promise<ProveReport> {
  const log = options.json ? () => undefined : options.log;
  const turns = createTurns(options.jobs);
  const selected = selectLessons(options.catalogue, options.lessons);
  const progress = follow(selected.length, options.onProgress ?? (() => undefined));
  // a turn for each lesson here, and for each home below: a lesson waits for its homes, never for another lesson
  const begun = createTurns(options.jobs);
  const lessons = await Promise.all(
    selected.map((one) =>
      begun.run(async () => {
        using _playing = progress.begin(nameOf(one));
        const heard = options.jobs === 1 ? { log, tell: () => undefined } : heardAtEnd(log);
        const report = await proveLesson({ ...options, turns, log: heard.log }, one);
        heard.tell();
        return report;
      }),
    ),
  );
  const failed = lessons.filter(({ status }) => status === 'failed').length;
  const proven = lessons.filter(({ status }) => status === 'proven').length;
  log(`${proven} of ${lessons.length} lessons proven, ${failed} failed`);
  return { driver: options.driver.name, lessons, failed };
}

/** Lines of lessons that are played side by side stay together. */
function heardAtEnd(log: (line: string) => void): { log: (line: string) => void; tell: () => void } {
  const lines: string[] = [];
  return { log: (line) => void lines.push(line), tell: () => lines.forEach((line) => log(line)) };
}

function follow(all: number, tell: (progress: Progress) => void): { begin(name: string): Disposable } {
  const playing = new Set<string>();
  let done = 0;
  const say = (): void => tell({ done, all, playing: [...playing] });
  return {
    begin(name) {
      playing.add(name);
      say();
      return {
        [Symbol.dispose]() {
          playing.delete(name);
          done += 1;
          say();
        },
      };
    },
  };
}
