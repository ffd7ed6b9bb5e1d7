/**
 * One open lab as checks see it: the lesson that is open, what runs by itself in it, one thing at a time.
 * Bounded: each kind of thing that waits for its turn waits at most once.
 */
import type { Catalogue, Fill } from '../catalogue/face.ts';
import type { AgentEvent } from '../contract/agent.ts';
import { Problem } from '../contract/errors.ts';
import type { Lesson, Step } from '../contract/lesson.ts';
import type { StepProgress } from '../contract/progress.ts';
import type { Labs, OpenLab } from '../labs/face.ts';
import type { Services } from '../services/face.ts';
import type { Log } from '../telemetry/index.ts';
import { checkAgain } from './check-again.ts';
import { askedFor } from './check-now.ts';
import { createAutoRuns, type AutoRuns } from './auto-runs.ts';
import { openBook, type Book } from './book.ts';
import { actionsTyped, type Seen } from './typed-lines.ts';
import {
  actedEnough,
  afterVerdict,
  isOver,
  openStep,
  performed,
  stepsToCheck,
  type Cause,
  type Judged,
} from './step-rules.ts';
import { createTurn } from './turn.ts';
import { createWaiting, type Waiting } from './waiting.ts';
import { createWorkshop, type Workshop } from './workshop.ts';

export interface SessionNeeds {
  readonly catalogue: Catalogue;
  readonly labs: Labs;
  readonly fill: Fill;
  readonly services: Pick<Services, 'call'>;
  readonly clock: () => number;
  readonly log: Log;
}
export interface Session extends Disposable {
  readonly lab: string;
  readonly course: string;
  readonly book: Book;
  readonly workshop: Workshop;
  /** one after the other in this sandbox */
  inTurn<T>(work: () => Promise<T>): Promise<T>;
  /** from now on the agent's events run checks */
  listen(): void;
  /** this lesson is the one that is open; its open step's setup was run (`fresh`: is to be run now) */
  open(lesson: Lesson, fresh: boolean): Promise<void>;
  /** its author changed it: the new text holds from now on, and these steps' checks run again. In turn */
  renew(lesson: Lesson, steps: readonly string[]): Promise<void>;
  /** *Check now*; the same step asked again while it waits is answered with the same */
  check(lesson: Lesson, step: Step): Promise<StepProgress>;
  /** something was done in a step: noted; a step without checks may be done by it */
  note(lesson: Lesson, step: Step, actions: readonly string[]): Promise<StepProgress>;
  /** the same, and its checks look at it soon: one try */
  acted(lesson: Lesson, step: Step, actions: readonly string[]): Promise<StepProgress>;
  /** its checks look soon. `try`: what the learner did there has ended; else after so many seconds, and no try */
  look(lesson: Lesson, step: Step, when: 'try' | number): void;
  /** while held, commands of this terminal are a block of the page that somebody follows: not typed by hand */
  follow(terminal: string): Disposable;
  /** a step went back or forward by other means: its clock and the next step's setup follow */
  moved(lesson: Lesson, step: Step): Promise<void>;
}

export async function openSession(needs: SessionNeeds, { lab, agent }: OpenLab): Promise<Session> {
  const { catalogue, labs, fill, services, clock, log } = needs;
  const book = await openBook(labs, lab.id, lab.user);
  const workshop = createWorkshop({ agent, book, catalogue, fill, services });
  const inTurn = createTurn();
  const asked = new Map<string, Promise<StepProgress>>();
  const setUp = new Set<string>();
  const seen: Seen = new Map();
  /** steps in which an action ended since checks last ran by themselves */
  const tried = new Set<string>();
  const followed = new Set<string>();
  const later: NodeJS.Timeout[] = [];
  let lesson: Lesson | undefined;
  let listening: Disposable | null = null;
  let closed = false;

  const knownIn = (l: Lesson) => (step: string) => book.known(l.id, step);

  /** Runs a step's checks and writes down what they make of it. In turn. */
  const judge = async (l: Lesson, step: Step, cause: Cause): Promise<StepProgress> => {
    if (isOver(book.known(l.id, step.id).state)) return book.known(l.id, step.id);
    const said = await workshop.judge(l, step);
    if (said.state === 'error')
      log.warn({ lab: lab.id, lesson: l.id, step: step.id, said: said.message }, 'a check is at fault');
    return settle(l, step, said, cause);
  };
  const settle = async (l: Lesson, step: Step, said: Judged, cause: Cause): Promise<StepProgress> => {
    // closed while the check ran: the lab is paused or ended, and what the dying sandbox said counts for nothing
    if (closed) return book.known(l.id, step.id);
    const words = await book.words();
    const stands = await book.change(l.id, step.id, (before) =>
      afterVerdict(step, before, said, cause, clock(), words),
    );
    await moved(l, step);
    return stands;
  };
  const moved = async (l: Lesson, step: Step): Promise<void> => {
    if (book.known(l.id, step.id).state !== 'not-done') tried.delete(keyOf(l, step));
    waiting.follow(l, step, book.known(l.id, step.id));
    if (lesson?.id === l.id) await openNext(l);
  };
  /** A step's setup runs before the step opens. What it cannot do is said on the step, and tried again at *Reset step*. */
  const openNext = async (l: Lesson): Promise<void> => {
    const step = openStep(l, knownIn(l));
    if (step === undefined || closed || setUp.has(keyOf(l, step))) return;
    setUp.add(keyOf(l, step));
    try {
      await workshop.setUp(l, step.setup, step);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      log.warn({ lab: lab.id, lesson: l.id, step: step.id, err: error }, 'a step could not be set up');
      const message = `${error.message} ${(await book.words()).resetRunsAgain}`;
      await book.change(l.id, step.id, (before) => ({ ...before, message }));
    }
  };

  /** it may have been reset, or judged, while its turn was awaited */
  const whileWaiting = async (l: Lesson, step: Step): Promise<void> => {
    if (book.known(l.id, step.id).state === 'waiting') await judge(l, step, 'turn');
  };
  const byItself = async (cause: Cause): Promise<void> => {
    const l = lesson;
    if (l === undefined || closed) return;
    const mine = new Set(tried);
    tried.clear();
    for (const step of stepsToCheck(l, knownIn(l))) {
      const mild = cause === 'action' ? 'command' : cause;
      if (step.checks.length > 0) await judge(l, step, mine.has(keyOf(l, step)) ? 'action' : mild);
    }
  };
  const autoRuns: AutoRuns = createAutoRuns(
    (cause) => inTurn(() => byItself(cause)),
    (error) => {
      trouble(error);
    },
  );
  const waiting: Waiting = createWaiting(
    (l, step) => inTurn(() => whileWaiting(l, step)),
    (error) => {
      trouble(error);
    },
  );
  /** A sandbox that went away in the middle is `labs`' to tell; the rest is a fault of ours. */
  const trouble = (error: unknown): void => {
    if (closed) return;
    log.warn({ lab: lab.id, err: error }, 'a check that runs by itself failed');
  };

  const note = async (l: Lesson, step: Step, actions: readonly string[]): Promise<StepProgress> =>
    book.change(l.id, step.id, (before) => {
      const acted = [...new Set([...before.acted, ...actions])];
      const over = step.checks.length === 0 && !isOver(before.state) && actedEnough(step, acted);
      if (over) return { ...before, acted, state: 'done', message: '' };
      return acted.length === before.acted.length ? null : { ...before, acted };
    });

  const hear = (event: AgentEvent): void => {
    if (event.type === 'command') void heardCommand(event).catch(trouble);
    // a server came up or went: no command ended for it
    else if (event.type === 'ports') autoRuns.ask('command');
    else if (event.type === 'files') autoRuns.ask('files');
    // connected again, or for the first time: whatever happened meanwhile was not heard
    else if (event.type === 'hello') autoRuns.ask('files');
  };
  const heardCommand = async ({
    terminal,
    line,
    exit,
  }: Extract<AgentEvent, { type: 'command' }>): Promise<void> => {
    const l = lesson;
    if (l === undefined) return;
    const undone = followed.has(terminal) ? [] : l.steps.filter((s) => !isOver(book.known(l.id, s.id).state));
    for (const step of undone) {
      const typed = actionsTyped(step, line, exit, seen, fill, book.filling());
      if (typed.length > 0) await session.acted(l, step, typed);
    }
    autoRuns.ask('command');
  };

  const session: Session = {
    lab: lab.id,
    course: lab.course,
    book,
    workshop,
    inTurn,
    listen() {
      listening ??= agent.events(hear);
    },
    async open(l, fresh) {
      lesson = l;
      seen.clear();
      const step = openStep(l, knownIn(l));
      if (fresh) setUp.clear();
      else if (step !== undefined) setUp.add(keyOf(l, step));
      await openNext(l);
      for (const each of catalogue.course(lab.course)?.lessons ?? [])
        for (const s of each.steps) waiting.follow(each, s, book.known(each.id, s.id));
    },
    async renew(l, steps) {
      if (lesson?.id === l.id) lesson = l;
      for (const step of l.steps) waiting.follow(l, step, book.known(l.id, step.id));
      for (const step of l.steps.filter(({ id }) => steps.includes(id))) {
        const atHand = lesson === l && openStep(l, knownIn(l)) === step;
        await checkAgain({ book, atHand, judge }, l, step);
      }
    },
    check(l, step) {
      const key = keyOf(l, step);
      const again = asked.get(key);
      if (again !== undefined) return again;
      const mine = askedFor(session, l, step, judge).finally(() => asked.delete(key));
      asked.set(key, mine);
      return mine;
    },
    async note(l, step, actions) {
      const stands = await note(l, step, actions);
      if (isOver(stands.state)) inTurn(() => moved(l, step)).catch(trouble);
      return stands;
    },
    async acted(l, step, actions) {
      const stands = await session.note(l, step, actions);
      if (!isOver(stands.state) && performed(step, stands)) session.look(l, step, 'try');
      return stands;
    },
    look(l, step, when) {
      if (when !== 'try') {
        later.push(
          setTimeout(() => {
            autoRuns.ask('command');
          }, when * 1000),
        );
        return;
      }
      tried.add(keyOf(l, step));
      autoRuns.ask('action');
    },
    follow(terminal) {
      followed.add(terminal);
      return { [Symbol.dispose]: () => void followed.delete(terminal) };
    },
    moved,
    [Symbol.dispose]() {
      closed = true;
      listening?.[Symbol.dispose]();
      later.forEach(clearTimeout);
      autoRuns[Symbol.dispose]();
      waiting[Symbol.dispose]();
    },
  };
  return session;
}

function keyOf(lesson: Lesson, step: Step): string {
  return `${lesson.id}/${step.id}`;
}
