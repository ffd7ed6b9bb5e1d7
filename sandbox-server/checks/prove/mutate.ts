/** A step done in a broken way, in a home of its own: its checks must notice. */
import { Problem, type ErrorCode } from '../../contract/errors.ts';
import { LessonFailure } from '../lesson-failure.ts';
import type { Lesson, Step } from '../../contract/lesson.ts';
import { act, solve } from '../replay/step.ts';
import { firstRed } from './check-fence.ts';
import type { Learner } from './learner.ts';
import type { Mutant, Part } from './mutants.ts';

/** seconds: what was broken may never come to its `until` */
const HASTE = { command: 60, until: 30, settle: 0 } as const;
const SCRIPT_TIMEOUT = 30;

/** @returns null where there was nothing to break: it writes no file of the home */
export async function noticed(
  learner: Learner,
  lesson: Lesson,
  step: Step,
  mutant: Mutant,
): Promise<boolean | null> {
  const hasty: Learner = { ...learner, patience: HASTE };
  await learner.workshop.setUp(lesson, step.setup, step);
  for (const part of mutant.plan) {
    if (part !== mutant.part) await tryPart(hasty, lesson, step, part);
    else if (mutant.how === 'truncate' && !(await truncated(hasty, lesson, step, part))) return null;
  }
  return isNoticed(learner, lesson, step);
}

/** Does these parts of a step as they stand, however they end. @returns whether its checks are not content then */
export async function isRedAfter(
  learner: Learner,
  lesson: Lesson,
  step: Step,
  parts: readonly Part[],
): Promise<boolean> {
  const hasty: Learner = { ...learner, patience: HASTE };
  // a setup that needs what the step before makes is a way of noticing, too
  const ready = await unlessFailed(learner.workshop.setUp(lesson, step.setup, step).then(() => true));
  if (ready === undefined) return true;
  for (const part of parts) await tryPart(hasty, lesson, step, part);
  return isNoticed(learner, lesson, step);
}

/** What comes after something broken may fail, as it would for a learner: the check is what is looked at. */
async function tryPart(learner: Learner, lesson: Lesson, step: Step, part: Part): Promise<void> {
  await unlessFailed(
    part.kind === 'solution' ? solve(learner, lesson, step, [part]) : act(learner, lesson, [part]),
  );
}

async function isNoticed(learner: Learner, lesson: Lesson, step: Step): Promise<boolean> {
  // a check that stumbles over what is broken is not content either
  const red = await unlessFailed(firstRed(learner, lesson, step));
  return red !== null;
}

/** What a learner is told who does things out of their order: no such terminal, a busy one, no line to insert at. */
const REFUSALS: ReadonlySet<ErrorCode> = new Set(['not-found', 'busy', 'conflict']);

/** @returns undefined where the lesson failed, or what it asks for was refused */
async function unlessFailed<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof LessonFailure) return undefined;
    if (error instanceof Problem && REFUSALS.has(error.code)) return undefined;
    throw error;
  }
}

/** @returns whether the part wrote files, which hold half of it now */
async function truncated(learner: Learner, lesson: Lesson, step: Step, part: Part): Promise<boolean> {
  const began = (await script(learner, lesson, part, 'date +%s.%N')).trim();
  await tryPart(learner, lesson, step, part);
  return (await script(learner, lesson, part, cutSince(began))).trim() !== '';
}

/** Files of the home, not those of its shells and caches. */
const cutSince = (moment: string): string =>
  [
    `find "$HOME" -xdev -type f -size +1c -newermt "@${moment}" -not -path "$HOME/.*" -print0 |`,
    `while IFS= read -r -d '' file; do`,
    `  truncate -s "$(( $(stat -c %s "$file") / 2 ))" "$file" && echo "$file"`,
    `done`,
  ].join('\n');

async function script(learner: Learner, lesson: Lesson, { place }: Part, code: string): Promise<string> {
  const { exit, stdout, stderr } = await learner.workshop.run(
    lesson,
    { lang: 'bash', code, place },
    SCRIPT_TIMEOUT,
  );
  if (exit !== 0) throw new Error(`what was written could not be cut: ${stderr}`);
  return stdout;
}
