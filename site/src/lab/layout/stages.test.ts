import { describe, expect, it } from 'vitest';
import type { Lab } from '../../../../sandbox-server/contract/lab.ts';
import { inSeconds, readyIn, sceneOf, stageLines } from './stages.ts';

const lab = (more: Partial<Lab>): Lab => ({
  id: 'l',
  course: 'c',
  lesson: 'l',
  state: 'preparing',
  stages: [],
  user: 'ada',
  sandbox: null,
  createdAt: 0,
  readyAt: null,
  keptUntil: 0,
  problem: null,
  token: null,
  isolation: null,
  ...more,
});
const kit = {
  name: 'kit',
  text: 'Preparing the Dask kit (first time only)',
  at: 1000,
  progress: { done: 41, all: 62, unit: 'packages' },
};

describe('the start of a lab', () => {
  it('shows the stage under way with its progress and its seconds', () => {
    const lines = stageLines(
      lab({ stages: [{ name: 'queued', text: 'Queued: 3rd', at: 0, seconds: 1 }, kit] }),
      13_000,
    );
    expect(lines).toEqual([
      { text: 'Queued: 3rd', english: null, state: 'over', seconds: '1.0 s', progress: null },
      {
        text: kit.text,
        english: null,
        state: 'now',
        seconds: '12 s',
        progress: { done: 41, all: 62, unit: 'packages' },
      },
    ]);
  });

  it('when ready nothing is under way', () => {
    expect(stageLines(lab({ state: 'ready', stages: [kit] }), 99_000)).toEqual([
      { text: kit.text, english: null, state: 'over', seconds: null, progress: null },
    ]);
  });

  it('measures this start, not the lab’s age', () => {
    expect(
      readyIn(lab({ createdAt: 0, readyAt: 90_400, stages: [{ name: 'claiming', text: '', at: 90_000 }] })),
    ).toBeCloseTo(0.4);
    expect(readyIn(lab({ stages: [kit] }))).toBeNull();
    expect(readyIn(lab({ readyAt: 5 }))).toBeNull();
  });

  it('says seconds', () => {
    expect([0.44, 9.96, 12.3, 600].map(inSeconds)).toEqual(['0.4 s', '10.0 s', '12 s', '10 min']);
  });

  it.each([
    ['queued', 'starting'],
    ['preparing', 'starting'],
    ['claiming', 'starting'],
    ['filling', 'starting'],
    ['ready', 'working'],
    ['pausing', 'paused'],
    ['paused', 'paused'],
    ['ending', 'ended'],
    ['ended', 'ended'],
    ['failed', 'failed'],
  ] as const)('%s is drawn as %s', (state, scene) => {
    expect(sceneOf(lab({ state }))).toBe(scene);
  });
  it('no lab yet: starting', () => expect(sceneOf(null)).toBe('starting'));
});
