import { expect, it } from 'vitest';
import { markBlanks } from '../../../../sandbox-server/catalogue/blanks.ts';
import { fillCode, missingIn, valueOf } from './blanks.ts';

const known = { user: 'ada', facts: { rule: 'a41f', 'run-number': '42' } };

it('fills what the catalogue marks, and nothing else', () => {
  const code = markBlanks('rucio rule show {{fact:rule}} # user.{{user}}:lab.v1 {{ not }} {{fact:run-number}}');
  expect(fillCode(code, known)).toBe('rucio rule show a41f # user.ada:lab.v1 {{ not }} 42');
});

it('leaves an unknown one visible and names it', () => {
  const code = markBlanks('echo {{fact:later}} {{seat}} {{user}}');
  expect(fillCode(code, known)).toBe('echo ⟦fact:later⟧ ⟦seat⟧ ada');
  expect(missingIn(code, known)).toEqual(['fact:later', 'seat']);
  expect(missingIn('⟦user⟧', { user: null, facts: {} })).toEqual(['user']);
});

it('knows no name but its own', () => {
  expect(valueOf('fact:rule', known)).toBe('a41f');
  expect(valueOf('constructor', known)).toBeNull();
  expect(valueOf('fact:constructor', known)).toBeNull();
});
