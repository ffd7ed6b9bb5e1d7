/** A `run` fence as a learner presses it: typed at a prompt, awaited by its exit status, stopped by Ctrl-C. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Lesson, RunFence } from '../../contract/lesson.ts';
import { LessonFailure } from '../lesson-failure.ts';
import { typeBlock, type BlockEnd, type Typed } from '../typed-block.ts';
import type { Player } from './player.ts';
import { printedSince } from './printed.ts';

const UNTIL_EVERY = 500;
/** one asking of `until`, seconds */
const UNTIL_TIMEOUT = 20;

/** @throws LessonFailure where it does not end as the fence says; its terminal is free then */
export async function replayRun(player: Player, lesson: Lesson, fence: RunFence): Promise<void> {
  const { agent } = player.workshop;
  if (fence.stop !== undefined) return agent.stop(fence.stop);
  const terminal = fence.terminal ?? player.terminals.runs;
  const code = player.workshop.filled(fence.code, fence.place);
  using typed = await typeBlock(agent, {
    code,
    ...(terminal !== undefined && { terminal }),
    ...(fence.in !== undefined && { in: fence.in }),
  });
  const running: Running = { player, lesson, fence, typed, code };
  // awaited here: what is returned as a promise is no longer listened to
  if (fence.until !== undefined) return await untilHolds(running, fence.until);
  const { exit } = await ended(running);
  if ((exit === 0) === fence.fails) throw await failure(running, wrongExit(fence, exit));
  if (fence.output === undefined || player.onPrinted === undefined) return;
  const { result } = typed;
  player.onPrinted(lesson, fence, await printedSince(agent, result.terminal, result.offset));
}

interface Running {
  readonly player: Player;
  readonly lesson: Lesson;
  readonly fence: RunFence;
  readonly typed: Typed;
  readonly code: string;
}

const wrongExit = (fence: RunFence, exit: number): string =>
  fence.fails
    ? 'This command is meant to fail, but it ended with exit status 0.'
    : `This command ended with exit status ${exit}.`;

async function ended(running: Running): Promise<BlockEnd> {
  const { command } = running.player.patience;
  const end = await withinSeconds(command, running.typed.ended);
  if (end === null) throw await tooLong(running, `It did not end within ${command} s.`);
  return end;
}

/** @returns null where it is late */
async function withinSeconds<T>(seconds: number, work: Promise<T>): Promise<T | null> {
  const late = new AbortController();
  try {
    return await Promise.race([work, wait(seconds * 1000, null, { signal: late.signal })]);
  } finally {
    late.abort();
  }
}

async function untilHolds(running: Running, condition: string): Promise<void> {
  const { player, lesson, fence, typed } = running;
  const until = Date.now() + player.patience.until * 1000;
  const script = { lang: 'bash', code: condition, place: fence.place };
  let gone = false;
  typed.ended.then(
    () => (gone = true),
    () => undefined,
  );
  for (;;) {
    const { exit } = await player.workshop.run(lesson, script, UNTIL_TIMEOUT);
    if (exit === 0) return;
    if (gone) throw await failure(running, `This program ended before ${condition} held.`);
    if (Date.now() > until)
      throw await tooLong(running, `${condition} did not hold within ${player.patience.until} s.`);
    await wait(UNTIL_EVERY);
  }
}

/** Whatever happens next, the program that took too long ends: the next step needs its terminal. */
async function tooLong(running: Running, message: string): Promise<LessonFailure> {
  const late = await failure(running, message);
  await running.player.workshop.agent.stop(running.typed.result.terminal);
  return late;
}

async function failure(running: Running, message: string): Promise<LessonFailure> {
  const { player, fence, typed, code } = running;
  const { terminal, offset } = typed.result;
  const output = await player.lastOutput(player.workshop.agent, terminal, offset);
  return new LessonFailure(message, { place: fence.place, command: code, output });
}
