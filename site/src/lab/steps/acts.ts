/** What the buttons of a step do, each with the server's own answer. Files are saved before a run or a check looks at them. */
import { signal } from '@preact/signals';
import type { Signal } from '@preact/signals';
import type { Answer, Answered, Solution } from '../../../../sandbox-server/contract/api.ts';
import type { TypeResult } from '../../../../sandbox-server/contract/agent.ts';
import type { StepProgress } from '../../../../sandbox-server/contract/progress.ts';
import { Refused, sentence } from '../server.ts';
import { openTerminal } from '../terminal/open-terminals.ts';
import { speak, takeStep } from '../work.ts';
import type { Edit, Work } from '../work.ts';
import { anotherTerminal, busyOf } from './busy.ts';
import type { Busy } from './busy.ts';
import { say } from '../words/steps.ts';

/** What a fence or a step says beside its buttons. */
export type Word =
  | { readonly says: 'nothing' }
  | { readonly says: 'working' }
  | { readonly says: 'this'; readonly text: string; readonly bad: boolean }
  | { readonly says: 'busy'; readonly busy: Busy };

export interface StepActs {
  /** the word of each fence by its action, and of the step itself under '' */
  readonly word: (action: string) => Signal<Word>;
  readonly solution: Signal<Solution | null>;
  readonly answered: (question: string) => Signal<Answered | null>;
  run(action: string, terminal?: string): Promise<void>;
  stopThenRun(action: string, busy: Busy): Promise<void>;
  useAnother(action: string, busy: Busy): Promise<void>;
  insert(action: string, edit: Edit): Promise<void>;
  check(): Promise<void>;
  reset(): Promise<void>;
  showSolution(): Promise<void>;
  answer(answer: Answer): Promise<void>;
}

export function createActs(work: Work, step: string): StepActs {
  const words = new Map<string, Signal<Word>>();
  const answers = new Map<string, Signal<Answered | null>>();
  const solution = signal<Solution | null>(null);
  const word = (action: string): Signal<Word> =>
    remembered(words, action, () => signal<Word>({ says: 'nothing' }));
  const answered = (question: string): Signal<Answered | null> =>
    remembered(answers, question, () => signal<Answered | null>(null));
  const address = (what: string): string => stepAddress(work, step, what);

  /** Runs one act; what it refuses is said where its button is. */
  async function act(where: string, doing: () => Promise<string | null>): Promise<void> {
    word(where).value = { says: 'working' };
    try {
      const said = await doing();
      word(where).value = said === null ? { says: 'nothing' } : { says: 'this', text: said, bad: false };
    } catch (error) {
      word(where).value = refusal(error);
      speak(work, sentence(error));
    }
  }

  const run = (action: string, terminal?: string): Promise<void> =>
    act(action, async () => {
      const saved = await work.saveAll();
      const typed = await work.server.post<TypeResult>(
        address('run'),
        terminal === undefined ? { action } : { action, terminal },
      );
      work.terminal.value = typed.terminal;
      if (work.seen.value !== 'text') work.seen.value = 'terminal';
      return savedWord(saved);
    });
  return {
    word,
    solution,
    answered,
    run,
    stopThenRun: (action, busy) =>
      act(action, async () => {
        await interrupt(work, busy.terminal);
        return null;
      }).then(() => (word(action).value.says === 'nothing' ? run(action, busy.terminal) : undefined)),
    useAnother: (action, busy) => run(action, anotherTerminal(work.terminals.value, busy.terminal)),
    insert: (action, edit) =>
      act(action, async () => {
        const said = await work.insert(edit);
        takeStep(work, await work.server.post<StepProgress>(address('acted'), { action }));
        return said;
      }),
    check: () =>
      act('', async () => {
        const saved = await work.saveAll();
        takeStep(work, await work.server.post<StepProgress>(address('check')));
        return savedWord(saved);
      }),
    reset: () =>
      act('', async () => {
        takeStep(work, await work.server.post<StepProgress>(address('reset')));
        solution.value = null;
        for (const answer of answers.values()) answer.value = null;
        return say('The step begins anew; its files are as the lesson has them.');
      }),
    showSolution: () =>
      act('', async () => {
        solution.value = await work.server.get<Solution>(address('solution'));
        return null;
      }),
    answer: (given) =>
      act(given.question, async () => {
        answered(given.question).value = await work.server.post<Answered>(address('answer'), given);
        return null;
      }),
  };
}

/** Where the server is asked for something of a step of this lab, e.g. `check`. */
export function stepAddress(work: Work, step: string, what: string): string {
  return `/api/labs/${work.lab.value?.id ?? ''}/steps/${work.page.lesson}/${step}/${what}`;
}

function remembered<T>(map: Map<string, T>, key: string, make: () => T): T {
  const known = map.get(key) ?? make();
  map.set(key, known);
  return known;
}

function refusal(error: unknown): Word {
  if (error instanceof Refused && error.code === 'busy') return { says: 'busy', busy: busyOf(error.details) };
  return { says: 'this', text: sentence(error), bad: true };
}

/** *Run* and *Check* say which files they saved first. */
function savedWord(saved: readonly string[]): string | null {
  if (saved.length === 0) return null;
  const [first = ''] = saved;
  return saved.length === 1 ? say('Saved {0} first.', first) : say('Saved {0} files first.', saved.length);
}

const STOP_WITHIN_MS = 10_000;

/** Ctrl-C, as the learner would press it, and again after half the time; until the prompt is back. */
async function interrupt(work: Work, terminal: string): Promise<void> {
  work.terminal.value = terminal;
  const began = Date.now();
  let pressed = 0;
  while (Date.now() - began < STOP_WITHIN_MS) {
    const session = openTerminal(work, terminal)?.session;
    if (session?.link.at === 'live' && session.prompt.state !== 'busy') return;
    if (session?.link.at === 'live' && Date.now() - began >= (pressed * STOP_WITHIN_MS) / 2) {
      session.type('\x03');
      pressed++;
    }
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Refused('timeout', say('It did not stop at Ctrl-C. Look at the terminal, or use another.'));
}
