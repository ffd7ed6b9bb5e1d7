import { describe, expect, it } from 'vitest';
import type { Proof } from '../../../sandbox-server/contract/proof.ts';
import { dayOf, mainVersion, provenLine, scoreOf, tookOf } from './proof.ts';

const proof: Proof = {
  lesson: 'dask/2-graph',
  hash: 'a',
  kit: 'dask',
  kitHash: 'b',
  versions: { python: '3.11.2', dask: '2026.1.1', distributed: '2026.1.1' },
  driver: 'local',
  date: '2026-11-04',
  seconds: 41.3,
  steps: [],
};

describe('a lesson’s proof in words', () => {
  it('says the day, the version and how long it took', () => {
    expect(provenLine({ standing: 'proven', proof })).toBe(
      'Last proven on 4 November 2026 with dask 2026.1.1, in 41 s',
    );
    expect(provenLine({ standing: 'proven', proof: { ...proof, versions: {} } })).toBe(
      'Last proven on 4 November 2026, in 41 s',
    );
  });
  it('says what no longer holds, and what never was', () => {
    expect(provenLine({ standing: 'changed', proof })).toBe('Changed since it was proven on 4 November 2026');
    expect(provenLine({ standing: 'never', proof: null })).toBe('Not proven yet');
  });
  it('gives the day as written, wherever the site is built', () => {
    expect([dayOf({ date: '2026-01-01' }), dayOf({ date: '2026-12-31' })]).toEqual([
      '1 January 2026',
      '31 December 2026',
    ]);
  });
  it('rounds times, and counts what was noticed', () => {
    expect([0.2, 99, 100, 330].map((seconds) => tookOf({ seconds }))).toEqual(['1 s', '99 s', '2 min', '6 min']);
    expect([scoreOf(undefined), scoreOf({ noticed: 9, tried: 10 })]).toEqual(['–', '9 of 10']);
    expect(mainVersion({ kit: 'base', versions: {} })).toBeNull();
    expect(mainVersion({ kit: 'base', versions: { python: '3.11.2' } })).toBe('python 3.11.2');
    expect(mainVersion({ kit: 'lake', versions: { python: '3.11.2', rucio_clients: '41.5.1' } })).toBe(
      'rucio_clients 41.5.1',
    );
  });
});
