/** *Run*: a command of the page typed into the learner's terminal, and what its end means for the step. */
import type { Fill } from '../catalogue/face.ts';
import type { TypeResult } from '../contract/agent.ts';
import { Problem } from '../contract/errors.ts';
import type { Lesson, RunFence, Step } from '../contract/lesson.ts';
import type { AgentLink } from '../sandboxes/agent-link.ts';
import type { Log } from '../telemetry/index.ts';
import type { Session } from './session.ts';
import { onlyActs } from './step-rules.ts';
import { typeBlock, type Typed } from './typed-block.ts';

export interface Running {
  readonly session: Session;
  readonly agent: AgentLink;
  readonly lesson: Lesson;
  readonly step: Step;
  readonly fill: Fill;
  readonly log: Log;
}
/** a block that nobody ends (an editor, a server without `until`) is not followed for ever: ms */
const FOLLOW_MS = 3600_000;
/** a program that stays running ends no command: its step is looked at after so many seconds, and when a port opens */
const LOOK_AFTER = [5, 15, 45] as const;

/** Types it, or presses Ctrl-C for `stop`. Answers once it is typed; how it ended is noted behind the answer. */
export async function runAction(
  running: Running,
  action: RunFence,
  terminal: string | undefined,
): Promise<TypeResult> {
  if (action.stop !== undefined) return stopProgram(running, action, action.stop);
  const { session, agent, lesson, step } = running;
  const where = terminal ?? action.terminal;
  const typed = await typeBlock(agent, {
    code: filled(running, action),
    ...(where === undefined ? {} : { terminal: where }),
    ...(action.in === undefined ? {} : { in: action.in }),
  });
  // in a step that a check judges the try is what counts; in one without, its good end
  if (action.until !== undefined || !onlyActs(step)) await session.note(lesson, step, [action.id]);
  if (action.until !== undefined) stays(running, typed);
  else void followBlock(running, action, typed);
  return typed.result;
}

async function stopProgram(
  { session, agent, lesson, step }: Running,
  action: RunFence,
  terminal: string,
): Promise<TypeResult> {
  await agent.stop(terminal);
  await session.acted(lesson, step, [action.id]);
  const end = (await agent.terminals()).find((t) => t.name === terminal)?.end ?? 0;
  return { terminal, offset: end };
}

/** @throws Problem `conflict` where a fact is asked for that no check has stated */
export function filled({ fill, session }: Running, action: Pick<RunFence, 'code'>): string {
  const { text, missing } = fill(action.code, session.book.filling());
  if (missing.length === 0) return text;
  const facts = missing.map((name) => name.replace('fact:', '')).join(', ');
  throw new Problem(
    'conflict',
    `This command needs ${facts}, which a check of an earlier step states. Finish that step first.`,
    {
      details: { missing },
    },
  );
}

function stays({ session, lesson, step }: Running, typed: Typed): void {
  typed[Symbol.dispose]();
  for (const seconds of LOOK_AFTER) session.look(lesson, step, seconds);
}

async function followBlock(running: Running, action: RunFence, typed: Typed): Promise<void> {
  const { session, lesson, step } = running;
  using _typed = typed;
  using _followed = session.follow(typed.result.terminal);
  try {
    const exit = await endOf(typed);
    if (exit === null) return;
    if (!onlyActs(step)) session.look(lesson, step, 'try');
    else if ((exit !== 0) === action.fails) await session.note(lesson, step, [action.id]);
  } catch (error) {
    running.log.warn(
      { lab: session.lab, action: action.id, err: error },
      'the end of a typed block could not be noted',
    );
  }
}

/** @returns null where it did not end in the time it is followed */
async function endOf(typed: Typed): Promise<number | null> {
  const late = Promise.withResolvers<null>();
  const timer = setTimeout(late.resolve, FOLLOW_MS, null).unref();
  try {
    const end = await Promise.race([typed.ended, late.promise]);
    return end === null ? null : end.exit;
  } finally {
    clearTimeout(timer);
  }
}
