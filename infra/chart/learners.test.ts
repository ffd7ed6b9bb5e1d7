import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { learnersTemplate, TEMPLATE } from './learners.ts';

describe("the chart's part for learners' namespaces", () => {
  it('is what the server relies on: node infra/chart/learners.ts writes it anew', () => {
    expect(readFileSync(TEMPLATE, 'utf8')).toBe(learnersTemplate());
  });
  it('asks for nothing that a name of the cluster could be confused with: no place is left, no name fixed by a test', () => {
    expect(learnersTemplate()).not.toMatch(/@[a-zA-Z]+@|palestra-u-|palestra-sandboxes/);
  });
});
