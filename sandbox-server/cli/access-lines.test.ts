import { describe, expect, it } from 'vitest';
import { Config } from '../contract/config.ts';
import { explain } from '../namespaces/explain.ts';
import { linesOf } from './access-lines.ts';

const config = Config.parse({
  groups: {
    '*': { kits: ['base'] },
    'icsc/gpu': { gpu: 2, quota: { memory: '8Gi' }, tokens: [], sites: ['recas'] },
  },
});
const person = { id: 'abcdefghijklmnopqrst', login: 'ada' };
const lines = (groups: string[], signedIn = true) =>
  linesOf(explain({ ...person, groups }, config, [], 0), signedIn).join('\n');

describe('an explanation as lines', () => {
  it('says what each group grants and what is held in all', () => {
    const text = lines(['icsc/gpu', 'icsc']);
    expect(text).toContain('* (everybody)  learner; 3 labs; kits base');
    expect(text).toContain(
      'icsc/gpu       learner; 3 labs; up to memory 8Gi; 2 GPUs; tokens for none; sites recas',
    );
    expect(text).toContain('icsc           grants nothing here');
    expect(text).toMatch(/GPUs +2/);
    expect(text).toContain('none of these lessons uses it');
  });
  it('says that somebody was never here', () => {
    expect(lines([], false).split('\n')[0]).toContain('has not signed in here');
  });
});
