/** One step: red, what a learner does, the solution, green. */
import type { Lesson, Step } from '../../contract/lesson.ts';
import { LessonFailure } from '../lesson-failure.ts';
import { judgeText } from '../questions.ts';
import { demandGreen } from '../replay/green.ts';
import { act, solve } from '../replay/step.ts';
import { TIMEOUT } from '../script.ts';
import { besideSolution } from './beside-solution.ts';
import { demandRed, isContent } from './check-fence.ts';
import type { Learner } from './learner.ts';
import { tryWrongs } from './wrong-fence.ts';

export interface Proven {
  /** what the last check said */
  readonly message: string;
  /** what the page shows was enough: nothing has shown yet what the solution does, nor what is wrong */
  readonly idle: boolean;
}

/** @throws LessonFailure */
export async function proveStep(learner: Learner, lesson: Lesson, step: Step): Promise<Proven> {
  await learner.workshop.setUp(lesson, step.setup, step);
  await demandRed(learner, lesson, step);
  await act(learner, lesson, step.actions);
  const foreseen = step.solutions.length + step.wrongs.length > 0;
  const idle = foreseen && (await isContent(learner, lesson, step));
  if (!idle) await tryWrongs(learner, lesson, step);
  await solve(learner, lesson, step, step.solutions);
  const message = await demandGreen(learner, lesson, step);
  await demandAnswers(learner, lesson, step);
  return { message, idle };
}

/** The step as somebody does it who presses *Show solution*; before it, what is wrong. */
export async function solveStep(learner: Learner, lesson: Lesson, step: Step): Promise<string> {
  await learner.workshop.setUp(lesson, step.setup, step);
  const { before, after } = besideSolution(step);
  await act(learner, lesson, before);
  await tryWrongs(learner, lesson, step);
  await solve(learner, lesson, step, step.solutions);
  await act(learner, lesson, after);
  return demandGreen(learner, lesson, step);
}

/** What is typed as an answer: the one that the lesson finds is right, another is not. @throws LessonFailure */
async function demandAnswers({ workshop }: Learner, lesson: Lesson, step: Step): Promise<void> {
  for (const { answer } of step.questions) {
    if (answer === undefined) continue;
    const { stdout, stderr } = await workshop.run(lesson, answer, TIMEOUT.answer, step);
    const typed = stdout.trim();
    const known = judgeText(stdout, { question: answer.id, text: typed }).right;
    if (known && !judgeText(stdout, { question: answer.id, text: `${typed} or so` }).right) continue;
    throw new LessonFailure('This answer finds nothing that a learner could type.', {
      place: answer.place,
      command: answer.code,
      output: stdout + stderr,
    });
  }
}

/** What *Finish* does at the lesson's end. @throws LessonFailure */
export async function finish({ workshop }: Learner, lesson: Lesson): Promise<void> {
  await workshop.mustRun('cleanup', lesson, lesson.cleanup, TIMEOUT.cleanup);
}

/** The room check, then files and setup of a lesson: what its *Start* does. */
export async function openLesson(learner: Learner, lesson: Lesson): Promise<void> {
  await learner.belongings.give(lesson);
  await learner.workshop.mustRun('room check', lesson, lesson.ready, TIMEOUT.ready);
  await learner.workshop.giveFiles(lesson);
  await learner.workshop.setUp(lesson, lesson.setup);
}
