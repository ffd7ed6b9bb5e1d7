import { globSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { root, selectSuites, STACK, STACK_CONFIG, TEST } from './suites.ts';

const TESTS = ['{infra,sandbox-server,tests}/**/*.stack.test.ts', 'tests/stack/**/*.test.ts'];
const tests = [...new Set(globSync(TESTS, { cwd: root, exclude: ['**/node_modules/**'] }))];
const ofStack = STACK.filter(({ command }) => command.includes(STACK_CONFIG));
const playedBy = (test: string): string[] =>
  ofStack
    .filter(({ again, only = [] }) => again !== true && only.some((part) => test.includes(part)))
    .map(({ name }) => name);

describe('the suites of the stack', () => {
  it('are given tests at all', () => {
    expect(tests.length).toBeGreaterThan(20);
  });

  it.each(tests)('play %s, once', (test) => {
    expect(playedBy(test)).toHaveLength(1);
  });

  it.each(ofStack.filter(({ again }) => again === true))(
    '$name plays again what is there, each of its words some',
    ({ only = [] }) => {
      expect(only.length).toBeGreaterThan(0);
      for (const part of only)
        expect([part, tests.some((test) => test.includes(part))]).toEqual([part, true]);
    },
  );

  it('have names of their own: reports are called by them', () => {
    const names = STACK.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('suites by name', () => {
  const namesOf = (names: readonly string[]) =>
    selectSuites(TEST, names)
      .flat()
      .map(({ name }) => name);

  it('are those alone, in the order of the whole run', () => {
    expect(namesOf(['journeys', 'types', 'lint'])).toEqual(['lint', 'types', 'journeys']);
  });
  it('without a name are all', () => {
    expect(selectSuites(TEST, [])).toEqual(TEST);
  });
  it('that do not exist are said so, with those that do', () => {
    expect(() => namesOf(['lint', 'links'])).toThrow(/no suite links; there are sync, lint,/);
  });
});

describe('every lesson and guide', () => {
  const wordsOf = (name: string) =>
    [...TEST.flat(), ...STACK].find((suite) => suite.name === name)?.command.slice(2);
  it('goes through lint in npm test, and through prove in npm run test:stack: neither is given names or less', () => {
    expect([wordsOf('lessons'), wordsOf('prove')]).toEqual([['lint'], ['prove']]);
  });
});
