/** *Run cell*, *Interrupt*, *Restart* and *Open in JupyterLab*, as a learner presses them. */
import { setTimeout as wait } from 'node:timers/promises';
import type { CellAction, CellAnswer } from '../../contract/api.ts';
import { Problem } from '../../contract/errors.ts';
import type { CellFence, Lesson } from '../../contract/lesson.ts';
import { filled, type Running } from '../run-action.ts';
import type { Session } from '../session.ts';
import { onlyActs } from '../step-rules.ts';
import { createCells, type Cells } from './cells.ts';
import type { CellEnd } from './request.ts';

/** seconds that a cell may run; a longer job belongs in a terminal */
const LIMIT = 3000;
/** a cell that cannot even begin says so within this: ms. Later the notebook says it */
const BEGINS = 2000;
/** cells of one lab that run or wait at a time: each waits in a process of the sandbox */
const MOST = 8;
/** of each open lab */
const underWay = new WeakMap<Session, number>();

/** @throws Problem `conflict`, `limit` */
export async function actOnCell(
  running: Running,
  cell: CellFence,
  what: CellAction['do'],
): Promise<CellAnswer> {
  const cells = cellsIn(running);
  switch (what) {
    case 'run':
      await runCell(running, cells, cell);
      return {};
    case 'interrupt':
      await cells.interrupt(cell);
      return {};
    case 'restart':
      await cells.restart(cell);
      return {};
    case 'open':
      return { lab: await cells.open(running.lesson, cell) };
  }
}

/** Cells of a learner's own lab. */
export function cellsIn({ session, fill }: Pick<Running, 'session' | 'fill'>): Cells {
  return createCells(session.workshop, (code) => fill(code, session.book.filling()).text);
}

/** At each Start. What keeps the notebook from being laid is said when a cell is run: the lesson opens all the same. */
export async function layCells(
  { session, fill, log }: Pick<Running, 'session' | 'fill' | 'log'>,
  lesson: Lesson,
): Promise<void> {
  try {
    await cellsIn({ session, fill }).lay(lesson);
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'conflict') throw error;
    log.warn(
      { lab: session.lab, lesson: lesson.id, err: error },
      'the notebook of a lesson could not be laid',
    );
  }
}

async function runCell(running: Running, cells: Cells, cell: CellFence): Promise<void> {
  const { session, lesson } = running;
  const code = filled(running, cell);
  if ((underWay.get(session) ?? 0) >= MOST)
    throw new Problem('limit', `${MOST} cells run or wait already. Wait for one of them, or interrupt it.`);
  count(session, 1);
  const ended = cells.run(lesson, cell, code, LIMIT).finally(() => count(session, -1));
  void follow(running, cell, ended);
  await Promise.race([ended, wait(BEGINS, null, { ref: false })]);
}

function count(session: Session, more: number): void {
  underWay.set(session, (underWay.get(session) ?? 0) + more);
}

async function follow(running: Running, cell: CellFence, ended: Promise<CellEnd>): Promise<void> {
  const { session, lesson, step, log } = running;
  try {
    const { state } = await ended;
    // in a step that a check judges the try is what counts; in one without, its good end
    if (!onlyActs(step)) await session.acted(lesson, step, [cell.id]);
    else if (state === (cell.fails ? 'raised' : 'done')) await session.note(lesson, step, [cell.id]);
  } catch (error) {
    log.warn({ lab: session.lab, action: cell.id, err: error }, 'the end of a cell could not be noted');
  }
}
