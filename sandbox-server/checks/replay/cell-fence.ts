/** A `cell` fence as a learner runs it: in its notebook's kernel, after what ran there before. */
import type { CellFence, Lesson } from '../../contract/lesson.ts';
import { Problem } from '../../contract/errors.ts';
import { createCells } from '../cells/cells.ts';
import type { CellEnd } from '../cells/request.ts';
import { LessonFailure } from '../lesson-failure.ts';
import type { Workshop } from '../workshop.ts';
import type { Player } from './player.ts';
import { plainText } from './terminal-output.ts';

/** What it takes of a player. */
type CellPlayer = Pick<Player, 'patience'> & { readonly workshop: Pick<Workshop, 'agent' | 'filled'> };

/** @throws LessonFailure where it does not end as the fence says */
export async function replayCell(player: CellPlayer, lesson: Lesson, fence: CellFence): Promise<void> {
  const code = player.workshop.filled(fence.code, fence.place);
  const end = await ended(player, lesson, fence, code);
  if (end.state === (fence.fails ? 'raised' : 'done')) return;
  const facts = { place: fence.place, command: code, output: plainText(end.said) };
  throw new LessonFailure(wrongEnd(end), facts);
}

const wrongEnd = ({ state, why }: CellEnd): string => {
  if (state === 'done') return 'This cell is meant to raise an error, but it ended well.';
  return state === 'raised' ? 'This cell raised an error.' : why;
};

/** Blanks of cells that come later stay as they are. */
async function ended(
  { workshop, patience }: CellPlayer,
  lesson: Lesson,
  fence: CellFence,
  code: string,
): Promise<CellEnd> {
  try {
    return await createCells(workshop, (text) => text).run(lesson, fence, code, patience.command);
  } catch (error) {
    if (error instanceof Problem && ['conflict', 'timeout'].includes(error.code))
      throw new LessonFailure(error.message, { place: fence.place, command: code });
    throw error;
  }
}
