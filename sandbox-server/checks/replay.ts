/**
 * A step done for the learner, as they would do it: its commands typed, its edits applied, its solution replayed,
 * then its checks asked, which also state the facts that later steps speak of.
 */
import type { Fill } from '../catalogue/face.ts';
import { Problem } from '../contract/errors.ts';
import type { EditFence, Lesson, RunFence, Step } from '../contract/lesson.ts';
import type { AgentLink } from '../sandboxes/agent-link.ts';
import { printable } from '../telemetry/index.ts';
import type { Book } from './book.ts';
import { applyEdit } from './edit.ts';
import { at, TIMEOUT, type Runnable } from './script.ts';
import { typeBlock } from './typed-block.ts';
import type { Workshop } from './workshop.ts';

export interface ReplayNeeds {
  readonly workshop: Workshop;
  readonly book: Pick<Book, 'filling'>;
  readonly fill: Fill;
}
/** The terminal of its own in which commands without one are typed: the learner may read what was done. */
export const REPLAY_TERMINAL = 'prepare';
const MS = { block: 180_000, until: 120_000, poll: 500, checks: 20_000 } as const;

/** @throws Problem naming the fence that did not do what it should */
export async function replayStep(needs: ReplayNeeds, lesson: Lesson, step: Step): Promise<void> {
  await needs.workshop.setUp(lesson, step.setup, step);
  for (const action of step.actions) {
    if (action.kind === 'run') await replayRun(needs, lesson, action);
    else if (action.kind === 'edit') await replayEdit(needs.workshop.agent, action, needs);
  }
  for (const solution of step.solutions) await replaySolution(needs, lesson, step, solution);
  await untilDone(needs.workshop, lesson, step);
}

async function replayRun(needs: ReplayNeeds, lesson: Lesson, action: RunFence): Promise<void> {
  const { agent } = needs.workshop;
  if (action.stop !== undefined) return agent.stop(action.stop);
  const terminal = action.terminal ?? REPLAY_TERMINAL;
  const code = filled(needs, action);
  using typed = await typeBlock(agent, { terminal, code });
  if (action.until !== undefined) return untilHolds(needs, lesson, action, action.until);
  const { exit } = await within(MS.block, typed.ended, action);
  if ((exit !== 0) !== action.fails) throw failed(action, `ended with ${String(exit)}`);
}

/** Shell solutions are typed, so that `cd` and variables last as they do for a learner; others run as scripts. */
async function replaySolution(
  needs: ReplayNeeds,
  lesson: Lesson,
  step: Step,
  solution: Runnable,
): Promise<void> {
  if (solution.lang !== 'bash' && solution.lang !== 'sh') {
    const { exit } = await needs.workshop.run(lesson, solution, TIMEOUT.solution, step);
    if (exit !== 0) throw failed(solution, `ended with ${String(exit)}`);
    return;
  }
  using typed = await typeBlock(needs.workshop.agent, {
    terminal: REPLAY_TERMINAL,
    code: filled(needs, solution),
  });
  const { exit } = await within(MS.block, typed.ended, solution);
  if (exit !== 0) throw failed(solution, `ended with ${String(exit)}`);
}

async function replayEdit(agent: AgentLink, fence: EditFence, needs: ReplayNeeds): Promise<void> {
  const content = await textOf(agent, fence.file);
  const next = applyEdit(content, { ...fence, code: filled(needs, fence) });
  if (next !== content) await agent.write(fence.file, Buffer.from(next), {});
}

/** @returns null where there is no such file */
async function textOf(agent: AgentLink, path: string): Promise<string | null> {
  try {
    const { body } = await agent.read(path);
    const parts: Buffer[] = [];
    for await (const part of body) parts.push(part as Buffer);
    return Buffer.concat(parts).toString('utf8');
  } catch (error) {
    if (error instanceof Problem && error.code === 'not-found') return null;
    throw error;
  }
}

/** `until`: the program in the terminal goes on while this is asked again and again. */
async function untilHolds(
  needs: ReplayNeeds,
  lesson: Lesson,
  action: RunFence,
  until: string,
): Promise<void> {
  const deadline = Date.now() + MS.until;
  const asked = { ...action, lang: 'bash', code: until };
  while (Date.now() < deadline) {
    const { exit } = await needs.workshop.run(lesson, asked, 10);
    if (exit === 0) return;
    await pause(MS.poll);
  }
  throw failed(action, `did not come to \`${until}\``);
}

async function untilDone(workshop: Workshop, lesson: Lesson, step: Step): Promise<void> {
  const waits = Math.max(0, ...step.checks.map((check) => check.waits ?? 0)) * 1000;
  const deadline = Date.now() + Math.max(waits, MS.checks);
  for (;;) {
    const said = await workshop.judge(lesson, step);
    if (said.state === 'done') return;
    if (Date.now() > deadline || said.state === 'error')
      throw new Problem(
        'internal',
        printable(`The step '${step.title}' was replayed and is still not done: ${said.message}`),
      );
    await pause(MS.poll * 2);
  }
}

function filled({ fill, book }: ReplayNeeds, fence: Runnable): string {
  const { text, missing } = fill(fence.code, book.filling());
  if (missing.length > 0) throw failed(fence, `needs ${missing.join(', ')}, which no check has stated`);
  return text;
}

async function within<T>(ms: number, work: Promise<T>, fence: Runnable): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(failed(fence, `did not end in ${String(ms / 1000)} s`));
  }, ms);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function failed(fence: Runnable, how: string): Problem {
  return new Problem('internal', printable(`The command at ${at(fence.place)} ${how}.`), {
    details: { place: fence.place },
  });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
