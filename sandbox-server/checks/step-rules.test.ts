import { describe, expect, it } from 'vitest';
import type { StepProgress, StepState } from '../contract/progress.ts';
import { checkFence, fence, hint, lesson, question, runFence, step } from '../labs/testing/courses.ts';
import {
  actedEnough,
  afterVerdict,
  hintsNow,
  openStep,
  performed,
  stepsToCheck,
  type Judged,
} from './step-rules.ts';

const at = (state: StepState, more: Partial<StepProgress> = {}): StepProgress => ({
  lesson: 'one',
  step: 'a',
  state,
  message: '',
  at: 0,
  tries: 0,
  hints: [],
  acted: [],
  ...more,
});
const says = (state: Judged['state'], more: Partial<Judged> = {}): Judged => ({
  state,
  message: `it is ${state}`,
  hints: [],
  facts: {},
  waits: 60,
  ...more,
});

describe('which step', () => {
  const abc = lesson('one', [step('a'), step('b'), step('c')]);
  const open = (...states: StepState[]) => {
    const known = (id: string) => at(states[['a', 'b', 'c'].indexOf(id)] ?? 'todo');
    return [openStep(abc, known)?.id, stepsToCheck(abc, known).map((s) => s.id)];
  };
  it.each([
    [['todo', 'todo', 'todo'], 'a', ['a']],
    [['done', 'not-done', 'todo'], 'b', ['b']],
    [['skipped', 'waiting', 'todo'], 'c', ['b', 'c']],
    [['waiting', 'done', 'todo'], 'c', ['a', 'c']],
    [['todo', 'waiting', 'done'], 'a', ['a', 'b']],
    [['done', 'done', 'skipped'], undefined, []],
    [['waiting', 'done', 'waiting'], undefined, ['a', 'c']],
  ] as [StepState[], string | undefined, string[]][])(
    '%j: %s is open, %j are checked',
    (states, first, checked) => {
      expect(open(...states)).toEqual([first, checked]);
    },
  );
});

describe('acted enough', () => {
  const acts = step('a', { actions: [runFence('run-1', 'x'), { ...fence('edit', 'y'), file: 'f' }] });
  it('without checks: all actions, or read', () => {
    expect(actedEnough(acts, ['run-1'])).toBe(false);
    expect(actedEnough(acts, ['edit-1', 'run-1'])).toBe(true);
    expect(actedEnough(acts, ['read'])).toBe(true);
    expect(actedEnough(step('text'), [])).toBe(false);
  });
  it('with questions: all of them; with checks only those', () => {
    const asks = step('q', { questions: [question('q1'), question('q2')], actions: acts.actions });
    expect(actedEnough(asks, ['read', 'run-1', 'edit-1', 'q1'])).toBe(false);
    expect(actedEnough(asks, ['q1', 'q2'])).toBe(true);
    expect(actedEnough(step('c', { checks: [checkFence('x')], actions: acts.actions }), [])).toBe(true);
  });
  it('a shown solution is nothing that was performed', () => {
    expect(performed(acts, at('todo', { acted: ['solution'] }))).toBe(false);
    expect(performed(acts, at('todo', { acted: ['run-1'] }))).toBe(true);
    expect(performed(acts, at('not-done'))).toBe(true);
  });
});

describe('after a verdict', () => {
  const plain = step('a', { checks: [checkFence('x')] });
  const asks = step('a', { checks: [checkFence('x')], questions: [question('q1')] });
  it('done clears hints and waiting, keeps tries', () => {
    const before = at('waiting', {
      tries: 3,
      hints: [{ id: 'h', title: '', text: '' }],
      waiting: { since: 1, atMost: 2, longer: true },
    });
    expect(afterVerdict(plain, before, says('done'), 'turn', 9)).toEqual(
      at('done', { tries: 3, message: 'it is done' }),
    );
  });
  it('done with a question left is to do by itself, not done when asked', () => {
    expect(afterVerdict(asks, at('todo'), says('done'), 'command', 0)?.state).toBe('todo');
    expect(afterVerdict(asks, at('todo'), says('done'), 'asked', 0)?.state).toBe('not-done');
    expect(afterVerdict(asks, at('todo', { acted: ['q1'] }), says('done'), 'command', 0)?.state).toBe('done');
  });
  it.each([
    ['asked', 1],
    ['action', 1],
  ] as const)('not done by %s counts a try', (cause, tries) => {
    expect(afterVerdict(plain, at('todo'), says('not-done'), cause, 0)).toMatchObject({
      state: 'not-done',
      tries,
    });
  });
  it.each(['command', 'files', 'turn'] as const)(
    'not done by %s is silent before anything was performed, and no try after',
    (cause) => {
      expect(afterVerdict(plain, at('todo'), says('not-done'), cause, 0)).toBeNull();
      expect(afterVerdict(plain, at('not-done', { tries: 2 }), says('not-done'), cause, 0)).toMatchObject({
        state: 'not-done',
        tries: 2,
      });
    },
  );
  it('waiting keeps since when, and is longer past its time', () => {
    const first = afterVerdict(plain, at('todo'), says('not-yet'), 'command', 1000);
    expect(first).toMatchObject({ state: 'waiting', waiting: { since: 1000, atMost: 60, longer: false } });
    const late = afterVerdict(
      plain,
      first ?? at('todo'),
      says('not-yet', { progress: { done: 1, all: 2, unit: 'x' } }),
      'turn',
      62_000,
    );
    expect(late).toMatchObject({
      waiting: { since: 1000, longer: true, progress: { done: 1 } },
      message: expect.stringMatching(/^This takes longer than usual/) as string,
    });
  });
  it('a check at fault changes nothing by itself; waiting goes on also when asked', () => {
    expect(afterVerdict(plain, at('waiting'), says('error'), 'turn', 0)).toBeNull();
    const waiting = at('waiting', { waiting: { since: 1, atMost: 60, longer: false } });
    expect(afterVerdict(plain, waiting, says('error'), 'asked', 0)).toMatchObject({
      state: 'waiting',
      waiting: { since: 1 },
    });
    expect(
      afterVerdict(plain, at('todo'), says('error', { message: 'm'.repeat(2000) }), 'asked', 0)?.message,
    ).toHaveLength(2000);
  });
});

describe('hints', () => {
  const three = step('a', {
    hints: [hint('named'), hint('tries', { afterTries: 2 }), hint('slow', { afterSeconds: 30 })],
  });
  const ids = (due: Parameters<typeof hintsNow>[2], shown: string[] = []) =>
    hintsNow(
      three,
      shown.map((id) => ({ id, title: '', text: '' })),
      due,
    ).map((h) => h.id);
  it('come when named, after tries, after waiting; once shown they stay, each once', () => {
    expect(ids({})).toEqual([]);
    expect(ids({ named: ['named', 'unknown'] })).toEqual(['named']);
    expect(ids({ tries: 1 })).toEqual([]);
    expect(ids({ tries: 2 })).toEqual(['tries']);
    expect(ids({ seconds: 30 })).toEqual(['slow']);
    expect(ids({ named: ['named'], tries: 5 }, ['tries'])).toEqual(['tries', 'named']);
  });
});
