/** A `run` fence as a learner presses it: typed at a prompt, awaited by its exit status, stopped by Ctrl-C. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Lesson, RunFence } from '../../contract/lesson.ts';
import { LessonFailure } from './failure.ts';
import type { Finished } from './finished-commands.ts';
import type { Learner } from './learner.ts';
import { outputSince } from './terminal-output.ts';

/** No command of a lesson may take longer, seconds: a learner would have gone for coffee. */
const LONGEST_COMMAND = 300;
/** For a program that stays to become what `until` asks for, seconds. */
const LONGEST_UNTIL = 120;
const LOOK_EVERY = 150;
const UNTIL_EVERY = 500;
/** The agent tells of a command a moment after its prompt is back. */
const TOLD_WITHIN = 3000;

export interface Patience {
  /** seconds */
  readonly command: number;
  readonly until: number;
}
const PATIENCE: Patience = { command: LONGEST_COMMAND, until: LONGEST_UNTIL };

/** @throws LessonFailure where it does not end as the fence says */
export async function replayRun(
  learner: Learner,
  lesson: Lesson,
  fence: RunFence,
  patience = PATIENCE,
): Promise<void> {
  if (fence.in !== undefined)
    throw new LessonFailure('Lines for a Python prompt cannot be replayed yet.', { place: fence.place });
  if (fence.stop !== undefined) return learner.agent.stop(fence.stop);
  const typed = await typeIt(learner, fence);
  if (fence.until !== undefined) return untilHolds(learner, lesson, fence, fence.until, typed, patience);
  await untilEnded(learner, fence, typed, patience);
  const { exit } = await lastCommand(learner, fence, typed);
  if ((exit === 0) === fence.fails) throw await failed(learner, fence, typed, wrongExit(fence, exit));
}

interface Typed {
  readonly terminal: string;
  readonly offset: number;
  /** how many commands had ended before */
  readonly before: number;
  readonly command: string;
}

async function typeIt(learner: Learner, fence: RunFence): Promise<Typed> {
  const command = learner.filled(fence.code, fence.place);
  const before = learner.commands.count();
  const { terminal, offset } = await learner.agent.type({
    code: command,
    ...(fence.terminal !== undefined && { terminal: fence.terminal }),
  });
  return { terminal, offset, before, command };
}

const wrongExit = (fence: RunFence, exit: number): string =>
  fence.fails
    ? 'This command is meant to fail, but it ended with exit status 0.'
    : `This command ended with exit status ${exit}.`;

async function untilEnded(
  learner: Learner,
  fence: RunFence,
  typed: Typed,
  { command }: Patience,
): Promise<void> {
  const until = Date.now() + command * 1000;
  while (!(await atPrompt(learner, typed.terminal))) {
    if (Date.now() > until) throw await tooLong(learner, fence, typed, `It did not end within ${command} s.`);
    await wait(LOOK_EVERY);
  }
}

/** Whatever happens next, the program that took too long ends: the next step needs its terminal. */
async function tooLong(
  learner: Learner,
  fence: RunFence,
  typed: Typed,
  message: string,
): Promise<LessonFailure> {
  const failure = await failed(learner, fence, typed, message);
  await learner.agent.stop(typed.terminal);
  return failure;
}

async function atPrompt({ agent }: Learner, terminal: string): Promise<boolean> {
  const found = (await agent.terminals()).find(({ name }) => name === terminal);
  return found === undefined || found.prompt.state === 'idle' || found.prompt.state === 'exited';
}

/** A block ends at its first failing line, so the last command told decides. */
async function lastCommand(learner: Learner, fence: RunFence, typed: Typed): Promise<Finished> {
  const until = Date.now() + TOLD_WITHIN;
  let told = 0;
  for (;;) {
    const finished = learner.commands.of(typed.terminal, typed.before);
    const last = finished.at(-1);
    // twice the same: nothing more is on its way
    if (last !== undefined && finished.length === told) return last;
    told = finished.length;
    if (Date.now() > until)
      throw await failed(
        learner,
        fence,
        typed,
        'The terminal is back at its prompt, but no command has ended in it.',
      );
    await wait(LOOK_EVERY);
  }
}

async function untilHolds(
  learner: Learner,
  lesson: Lesson,
  fence: RunFence,
  condition: string,
  typed: Typed,
  patience: Patience,
): Promise<void> {
  const until = Date.now() + patience.until * 1000;
  const script = { lang: 'bash', code: condition, place: fence.place, timeout: 20 };
  for (;;) {
    const { exit } = await learner.run(lesson, script);
    if (exit === 0) return;
    if (await atPrompt(learner, typed.terminal))
      throw await failed(learner, fence, typed, `This program ended before ${condition} held.`);
    if (Date.now() > until)
      throw await tooLong(learner, fence, typed, `${condition} did not hold within ${patience.until} s.`);
    await wait(UNTIL_EVERY);
  }
}

async function failed(
  learner: Learner,
  fence: RunFence,
  typed: Typed,
  message: string,
): Promise<LessonFailure> {
  const output = await outputSince(learner.agent, typed.terminal, typed.offset);
  return new LessonFailure(message, { place: fence.place, command: typed.command, output });
}
