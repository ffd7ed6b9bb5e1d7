import { describe, expect, it } from 'vitest';
import { LabState } from '../../../sandbox-server/contract/lab.ts';
import type { Lab } from '../../../sandbox-server/contract/lab.ts';
import { endQuestion, lineOf } from './lab-line.ts';

type Known = Pick<Lab, 'state' | 'stages' | 'keptUntil' | 'problem'>;
const lab = (state: LabState, more: Partial<Known> = {}): Known => ({
  state,
  stages: [],
  keptUntil: 86_400_000,
  problem: null,
  ...more,
});
const day = (at: number) => `day ${String(at / 86_400_000)}`;

describe('a lab in the list', () => {
  it.each(LabState.options)('that is %s has a word and a sentence', (state) => {
    const line = lineOf(lab(state), day);
    expect(line.word).not.toBe('');
    expect(line.text).toMatch(/\.$/);
  });
  it('that runs can be paused and ended, and says how long it is kept', () => {
    expect(lineOf(lab('ready'), day)).toEqual({
      word: 'running',
      tone: 'done',
      text: 'Kept until day 1.',
      offers: ['pause', 'end'],
      moving: false,
    });
  });
  it('that is paused can be resumed', () => {
    expect(lineOf(lab('paused'), day).offers).toEqual(['resume', 'end']);
  });
  it.each(['queued', 'preparing', 'claiming', 'filling'] as const)(
    'that is %s says what it waits for, and is asked about again',
    (state) => {
      const stages = [{ name: 'queued', text: 'Third in the queue.', at: 1 }];
      const line = lineOf(lab(state, { stages }), day);
      expect(line).toMatchObject({ word: 'starting', text: 'Third in the queue.', moving: true });
    },
  );
  it.each(['pausing', 'ending'] as const)('that is %s offers nothing to press twice', (state) => {
    expect(lineOf(lab(state), day)).toMatchObject({ offers: [], moving: true });
  });
  it('that failed says why, in the server’s own sentence', () => {
    const problem = { code: 'kit-missing', message: 'The Dask kit could not be installed.' } as const;
    expect(lineOf(lab('failed', { problem }), day).text).toBe('The Dask kit could not be installed.');
  });
  it('that ended offers nothing', () => {
    expect(lineOf(lab('ended'), day).offers).toEqual([]);
  });
});

describe('before a lab is ended', () => {
  it('the question says what goes and what stays', () => {
    expect(endQuestion('Dask')).toMatch(/files removed.*progress stays/);
  });
});
