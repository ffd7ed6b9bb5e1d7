import { beforeEach, describe, expect, it } from 'vitest';
import type { Lab } from '../../../sandbox-server/contract/lab.ts';
import type { StepProgress } from '../../../sandbox-server/contract/progress.ts';
import { createServer } from './server.ts';
import { createWork, dismiss, hear, takeAnswer, takeProgress } from './work.ts';
import type { Work } from './work.ts';

const page = {
  language: 'en' as const,
  course: 'dask',
  lesson: '1-local-cluster',
  title: 'T',
  kit: 'dask',
  next: '',
  services: [],
  below: false,
  after: [],
  steps: [{ id: 'start', title: 'Start it', actions: [] }],
};
const me = { id: 'a', login: 'ada', name: 'Ada', email: null, groups: [], roles: [], until: 0 };
const lab = (more: Partial<Lab>): Lab => ({
  id: 'mine',
  course: 'dask',
  lesson: '1-local-cluster',
  state: 'ready',
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
const step = (more: Partial<StepProgress>): StepProgress => ({
  lesson: '1-local-cluster',
  step: 'start',
  state: 'todo',
  message: '',
  at: 1,
  tries: 0,
  hints: [],
  acted: [],
  ...more,
});

let work: Work;
beforeEach(() => {
  work = createWork(page, createServer(), me);
  hear(work, { type: 'lab', lab: lab({}) });
});

describe('what the workspace hears', () => {
  it('takes its course’s lab and leaves another course’s alone', () => {
    hear(work, { type: 'lab', lab: lab({ id: 'other', course: 'first-steps' }) });
    expect(work.lab.value?.id).toBe('mine');
    hear(work, { type: 'lab', lab: lab({ state: 'paused' }) });
    expect(work.lab.value?.state).toBe('paused');
  });

  it('an ended lab of the past does not take the place of the running one', () => {
    hear(work, { type: 'lab', lab: lab({ id: 'past', state: 'ended' }) });
    expect(work.lab.value?.id).toBe('mine');
  });

  it('an answer that the stream has overtaken does not turn the clock back', async () => {
    const { promise, resolve } = Promise.withResolvers<Lab>();
    const taking = takeAnswer(work, promise);
    hear(work, { type: 'lab', lab: lab({ state: 'ready' }) });
    resolve(lab({ state: 'queued' }));
    await taking;
    expect(work.lab.value?.state).toBe('ready');
    await takeAnswer(work, Promise.resolve(lab({ state: 'pausing' })));
    expect(work.lab.value?.state).toBe('pausing');
  });

  it('draws this lesson’s steps and says their changes', () => {
    hear(work, { type: 'step', lab: 'mine', step: step({ state: 'done', message: 'Two workers.' }) });
    expect(work.steps.value.get('start')?.state).toBe('done');
    expect(work.spoken.value).toBe('Start it: done. Two workers.');
    hear(work, { type: 'step', lab: 'mine', step: step({ lesson: '2-graph', step: 'other' }) });
    expect(work.steps.value.size).toBe(1);
  });

  it('an older word on a step does not undo a newer one', () => {
    hear(work, { type: 'step', lab: 'mine', step: step({ state: 'done', at: 5 }) });
    hear(work, { type: 'step', lab: 'mine', step: step({ state: 'checking', at: 4 }) });
    expect(work.steps.value.get('start')?.state).toBe('done');
  });

  it('hears nothing of another lab', () => {
    hear(work, { type: 'ports', lab: 'other', ports: [{ port: 8787, command: 'x' }] });
    hear(work, { type: 'step', lab: 'other', step: step({ state: 'done' }) });
    expect(work.ports.value).toEqual([]);
    expect(work.steps.value.size).toBe(0);
  });

  it('adds facts, replaces ports and terminals', () => {
    hear(work, { type: 'facts', lab: 'mine', facts: { a: '1' } });
    hear(work, { type: 'facts', lab: 'mine', facts: { b: '2' } });
    expect(work.facts.value).toEqual({ a: '1', b: '2' });
    hear(work, { type: 'ports', lab: 'mine', ports: [{ port: 8787, command: 'x' }] });
    hear(work, { type: 'ports', lab: 'mine', ports: [] });
    expect(work.ports.value).toEqual([]);
  });

  it('keeps one warning of a kind until it is dismissed', () => {
    hear(work, { type: 'warning', lab: 'mine', text: 'Disk 90% full.' });
    hear(work, { type: 'warning', lab: 'mine', text: 'Disk 95% full.' });
    expect(work.notices.value.map(({ text }) => text)).toEqual(['Disk 95% full.']);
    dismiss(work, 'warning');
    expect(work.notices.value).toEqual([]);
  });

  it('tells file listeners', () => {
    const heard: unknown[] = [];
    work.fileListeners.add((changes) => heard.push(changes));
    hear(work, { type: 'files', lab: 'mine', changes: [{ path: 'a', change: 'created' }] });
    expect(heard).toEqual([[{ path: 'a', change: 'created' }]]);
  });

  it('after a cut takes what the store knows', () => {
    takeProgress(work, {
      course: 'dask',
      facts: { x: '1' },
      steps: [step({ state: 'done' }), step({ lesson: '2-graph', step: 'b' })],
    });
    expect([...work.steps.value.keys()]).toEqual(['start']);
    expect(work.facts.value).toEqual({ x: '1' });
  });
});
