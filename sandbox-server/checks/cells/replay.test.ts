/** Cells as a proof and *Prepare this for me* play them, on a real kernel. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fill } from '../../catalogue/fill.ts';
import { LessonFailure } from '../lesson-failure.ts';
import { replayCell } from '../replay/cell-fence.ts';
import { IN_A_LAB } from '../replay/player.ts';
import { cellAt, lessonOf, notebookLab, writtenCell, type NotebookLab } from './testing/notebook-lab.ts';

const SLOW = { timeout: 120_000 };
let lab: NotebookLab;
let player: Parameters<typeof replayCell>[0];
beforeAll(async () => {
  lab = await notebookLab();
  const filled = (text: string): string => fill(text, { user: 'ada', facts: {} }).text;
  const workshop = { agent: lab.agent, filled };
  player = { ...IN_A_LAB, workshop };
}, 300_000);
afterAll(async () => {
  await lab[Symbol.asyncDispose]();
});

const lesson = lessonOf(
  'who = "{{user}}"',
  'assert who == "ada"',
  { code: 'nothing_of_this_name', fails: true },
  'nothing_of_this_name',
  { code: '1', fails: true },
);
const play = (index: number) => replayCell(player, lesson, cellAt(lesson, index));
const failure = (index: number): Promise<unknown> => play(index).catch((error: unknown) => error);

it('that fail as the first of a kernel say that earlier cells may have to run first', SLOW, async () => {
  await failure(2);
  expect((await writtenCell(lab.agent, 'cell-2')).metadata.palestra).toMatchObject({
    state: 'raised',
    why: expect.stringContaining('A new kernel began with this cell') as string,
  });
});

it('are run in order, blanks filled, one kernel for all', SLOW, async () => {
  await play(1);
  await play(2);
});

it('that are meant to raise an error must raise one, others none', SLOW, async () => {
  await play(3);
  const raised = await failure(4);
  expect(raised).toBeInstanceOf(LessonFailure);
  expect((raised as LessonFailure).said).toBe('This cell raised an error.');
  expect((raised as LessonFailure).facts.output).toContain("NameError: name 'nothing_of_this_name'");
  expect(((await failure(5)) as LessonFailure).said).toContain('meant to raise an error');
});
