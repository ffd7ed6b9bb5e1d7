/**
 * The list of threats and faults that this stage owes a test, by number. Each must name a test of ours (`it('T31 …`),
 * or stand below with the reason why it cannot apply yet.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const range = (letter: string, from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => `${letter}${from + i}`);

/** WebSocket, Web, OIDC, tenancy and files, pods, terminal, local driver, the hostile agent; then the faults. */
const OWED: readonly string[] = [
  ...range('T', 1, 38),
  // pods, and a learner on the cluster
  ...range('T', 39, 44),
  ...range('T', 47, 56),
  ...['T58', 'T60'],
  ...range('T', 61, 66),
  ...range('T', 69, 75),
  ...['T76', 'T77'],
  ...range('F', 1, 6),
  ...range('F', 8, 17),
  ...range('F', 19, 22),
  'F24',
];

/** case → why it has no test yet */
const NOT_YET: Readonly<Record<string, string>> = {};

/** the name of a test or of a group of tests */
const NAMES = /\b(?:it|test|describe)(?:\.\w+)*\(\s*(['"`])((?:(?!\1).)*)\1/g;
const named = new Set(
  testFiles().flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(NAMES)].flatMap((m) => numbers(m[2] ?? '')),
  ),
);

describe('threats and faults', () => {
  it('each has a test that bears its number, or a reason', () => {
    expect(OWED.filter((c) => !named.has(c) && !(c in NOT_YET))).toEqual([]);
  });
  it('no reason outlives its test', () => {
    expect(Object.keys(NOT_YET).filter((c) => named.has(c))).toEqual([]);
  });
  it('reads ranges and lists in names', () => {
    expect(numbers('T15–T17 and F4: bytes')).toEqual(['T15', 'T16', 'T17', 'F4']);
    expect(numbers('T1 T2, T3')).toEqual(['T1', 'T2', 'T3']);
  });
});

function numbers(name: string): string[] {
  return [...name.matchAll(/\b([TF])(\d+)(?:\s?[–-]\s?\1(\d+))?\b/g)].flatMap(([, letter = '', from, to]) =>
    range(letter, Number(from), Number(to ?? from)),
  );
}
function testFiles(): string[] {
  return ['sandbox-server', 'site', 'tests', 'infra'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter(
        (file) =>
          /(\.test\.tsx?|conformance[^/]*\.ts)$/.test(file) &&
          !file.includes('node_modules') &&
          !file.endsWith('cases.test.ts'),
      )
      .map((file) => join(root, folder, file)),
  );
}
