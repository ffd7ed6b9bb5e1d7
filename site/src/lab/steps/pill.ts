/** A step's state in a word and a shape. Never by colour alone. Pure. */
import type { StepProgress } from '../../../../sandbox-server/contract/progress.ts';
import { say } from '../words/steps.ts';

export interface Pill {
  readonly state: StepProgress['state'];
  readonly word: string;
  readonly shape: string;
}
const SHAPES = { todo: '○', checking: '◌', waiting: '◔', 'not-done': '✕', done: '✓', skipped: '⤼' } as const;
const WORDS = {
  todo: say('to do'),
  checking: say('checking'),
  waiting: say('waiting'),
  'not-done': say('not done'),
  done: say('done'),
  skipped: say('skipped'),
} as const;

/** @param now ms since the epoch by this page's clock */
export function pill(progress: StepProgress | undefined, now: number): Pill {
  const state = progress?.state ?? 'todo';
  return {
    state,
    shape: SHAPES[state],
    word: state === 'waiting' && progress?.waiting ? waitingWord(progress.waiting, now) : WORDS[state],
  };
}

function waitingWord(waiting: NonNullable<StepProgress['waiting']>, now: number): string {
  const seconds = Math.max(0, Math.floor((now - waiting.since) / 1000));
  if (waiting.longer) return say('waiting · longer than usual · {0}', duration(seconds));
  return say(
    'waiting · {0} of at most {1}',
    duration(Math.min(seconds, waiting.atMost)),
    duration(waiting.atMost),
  );
}

/** @param seconds a length of time. @returns e.g. `9 s`, `2 min`, `1 h 5 min` */
export function duration(seconds: number): string {
  if (seconds < 120) return `${String(Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${String(minutes)} min`;
  return `${String(Math.floor(minutes / 60))} h ${String(minutes % 60)} min`;
}

export interface Overall {
  readonly done: number;
  readonly all: number;
  /** the first step that is neither done nor skipped: the next thing to do */
  readonly next: string | null;
}

export function overall(
  steps: readonly { id: string }[],
  progress: ReadonlyMap<string, StepProgress>,
): Overall {
  const open = steps.filter(({ id }) => !isOver(progress.get(id)));
  return { done: steps.length - open.length, all: steps.length, next: open[0]?.id ?? null };
}

export function isOver(progress: StepProgress | undefined): boolean {
  return progress?.state === 'done' || progress?.state === 'skipped';
}

/** What a screen reader is told when a step changes; null where nothing worth a word happened. */
export function announcement(
  title: string,
  before: StepProgress | undefined,
  after: StepProgress,
): string | null {
  if (before?.state === after.state && before.message === after.message) return null;
  if (after.state === 'checking' || after.state === 'todo') return null;
  return `${title}: ${WORDS[after.state]}.${after.message === '' ? '' : ` ${after.message}`}`;
}
