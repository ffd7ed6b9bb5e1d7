/** *Reset step*: its undo, its files as the lesson has them with what earlier steps inserted, its setup, and *to do* again. */
import type { Catalogue, Fill, LessonFile } from '../catalogue/face.ts';
import { Problem } from '../contract/errors.ts';
import type { EditFence, Lesson, Step } from '../contract/lesson.ts';
import type { StepProgress } from '../contract/progress.ts';
import { cellsIn } from './cells/run-cell.ts';
import { applyEdit } from './edit.ts';
import type { Session } from './session.ts';
import { isOver } from './step-rules.ts';

/** what an undo, a setup or a cell could not do; anything else is no fault of the lesson's */
const SAID: ReadonlySet<string> = new Set(['internal', 'conflict', 'timeout']);

export interface ResetNeeds {
  readonly catalogue: Pick<Catalogue, 'filesFor'>;
  readonly fill: Fill;
}

/** In the session's turn. What an undo or setup could not do is said on the step, which is *to do* all the same. */
export async function resetStep(
  needs: ResetNeeds,
  session: Session,
  lesson: Lesson,
  step: Step,
): Promise<StepProgress> {
  const { workshop, book } = session;
  const trouble = await firstProblem([
    () => workshop.undo(lesson, step),
    async () => {
      const files = await filesOf(needs, session, lesson, step);
      if (files.length > 0) await workshop.agent.give({ files, overwrite: true });
    },
    () => workshop.setUp(lesson, step.setup, step),
    () => resetCells(needs, session, lesson, step),
  ]);
  const anew: StepProgress = {
    lesson: lesson.id,
    step: step.id,
    state: 'todo',
    message: trouble,
    at: 0,
    tries: 0,
    hints: [],
    acted: [],
  };
  const stands = await book.change(lesson.id, step.id, () => anew, { reset: true });
  await session.moved(lesson, step);
  return stands;
}

/** What the step's cells did to their kernel goes; what cells of earlier steps that are over did to it is done again. */
async function resetCells({ fill }: ResetNeeds, session: Session, lesson: Lesson, step: Step): Promise<void> {
  await cellsIn({ session, fill }).reset(lesson, step, overBefore(session, lesson, step));
}

/** Earlier steps of the lesson that are over: what they left is kept. */
function overBefore({ book }: Session, lesson: Lesson, step: Step): Step[] {
  return lesson.steps
    .slice(0, lesson.steps.indexOf(step))
    .filter(({ id }) => isOver(book.known(lesson.id, id).state));
}

async function firstProblem(works: readonly (() => Promise<void>)[]): Promise<string> {
  let first = '';
  for (const work of works) {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Problem) || !SAID.has(error.code)) throw error;
      first ||= error.message;
    }
  }
  return first;
}

/** The lesson's files that this step edits, with the edits of earlier steps that are over. */
async function filesOf(
  { catalogue, fill }: ResetNeeds,
  session: Session,
  lesson: Lesson,
  step: Step,
): Promise<LessonFile[]> {
  const edited = new Set(editsOf(step).map((edit) => edit.file));
  const files = (await catalogue.filesFor(lesson)).filter((file) => edited.has(file.path));
  const earlier = overBefore(session, lesson, step)
    .flatMap(editsOf)
    .map((edit) => ({ ...edit, code: fill(edit.code, session.book.filling()).text }));
  return files.map((file) => withEdits(file, earlier));
}

function withEdits(file: LessonFile, edits: readonly EditFence[]): LessonFile {
  const mine = edits.filter((edit) => edit.file === file.path);
  if (mine.length === 0) return { ...file };
  const text = mine.reduce(editedOrNot, Buffer.from(file.content, 'base64').toString('utf8'));
  return { ...file, content: Buffer.from(text).toString('base64') };
}

/** The learner may have come through an earlier step by another way: its marker may be gone. */
function editedOrNot(text: string, edit: EditFence): string {
  try {
    return applyEdit(text, edit);
  } catch (error) {
    if (error instanceof Problem && error.code === 'conflict') return text;
    throw error;
  }
}

function editsOf(step: Step): EditFence[] {
  return step.actions.filter((action) => action.kind === 'edit');
}
