import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Problem } from '../../sandbox-server/contract/errors.ts';
import type { StageLine } from '../../sandbox-server/contract/service.ts';
import { withLock } from './lock.ts';
import { stageText, statusText } from './print.ts';
import { errorOf } from './sentence.ts';
import { stagedBy } from './staged.ts';

const LABELS = { first: 'Doing the first' };

describe('a stage', () => {
  it('is said when it begins, how far it is, and how long it took', async () => {
    const said: StageLine[] = [];
    await stagedBy(LABELS, (line) => said.push(line))('first', (progress) => Promise.resolve(progress(1, 2)));
    expect(said).toEqual([
      { stage: 'first', state: 'begun', label: 'Doing the first' },
      { stage: 'first', state: 'begun', label: 'Doing the first', done: 1, of: 2 },
      { stage: 'first', state: 'done', label: 'Doing the first', seconds: expect.any(Number) as number },
    ]);
  });

  it('that is quiet and quick is not said; one that fails is, and its error is a Problem', async () => {
    const said: StageLine[] = [];
    const staged = stagedBy(LABELS, (line) => said.push(line));
    await staged('first', () => Promise.resolve(), { quiet: true });
    expect(said).toEqual([]);
    const failed = staged('first', () => Promise.reject(new Error('no disk')), { quiet: true });
    await expect(failed).rejects.toThrow('Doing the first failed: no disk');
    await expect(failed).rejects.toBeInstanceOf(Problem);
    expect(said.map(({ state, label }) => [state, label])).toEqual([
      ['begun', 'Doing the first'],
      ['failed', 'Doing the first: no disk'],
    ]);
  });
});

it('stages and parts read as lines', () => {
  expect(stageText({ stage: 's', state: 'begun', label: 'L', done: 3 })).toBe('          L: 3');
  expect(stageText({ stage: 's', state: 'done', label: 'L', seconds: 1.5 })).toBe('  done    L (1.5 s)');
  const parts = [{ name: 'etcd', ok: false, found: 'not ready', todo: 'read its log', memory: 2 ** 20 }];
  const text = statusText('The cluster', { state: 'partly', parts });
  expect(text).toContain('The cluster is partly (1 MiB)');
  expect(text).toMatch(/NO {2}etcd +not ready \(1 MiB\): read its log/);
});

it('an error is a code, a sentence and what to do', () =>
  expect(errorOf(new Problem('unavailable', 'It is down.', { details: { todo: 'start it' } }))).toEqual({
    code: 'unavailable',
    message: 'It is down.',
    todo: 'start it',
  }));

it('of two who want the lock one works at a time', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'palestra-lock-'));
  const seen: string[] = [];
  const work = (name: string) => () =>
    Promise.resolve(seen.push(name))
      .then(() => delay(50))
      .then(() => void seen.push(name));
  await Promise.all([withLock(join(folder, 'lock'), work('a')), withLock(join(folder, 'lock'), work('b'))]);
  expect(seen[0]).toBe(seen[1]);
  expect(seen[2]).toBe(seen[3]);
  await rm(folder, { recursive: true });
});
