/** A learner is told about their steps in the language of the page from which they entered the lab. */
import { afterEach, describe, expect, it } from 'vitest';
import type { Language } from '../contract/names.ts';
import { checkFence, course, lesson, question, step } from '../labs/testing/courses.ts';
import { school, type School } from './testing/school.ts';
import { WORDS } from './words.ts';

let s: School;
afterEach(() => s.close());
const THREE = {
  checks: [checkFence('echo "msg missing a.txt"; echo "There is no a.txt."; exit 1')],
};
const messages = { missing: { it: 'Manca {0}.', en: '{0} is missing.' } };
const asks = question('question-1', {
  choices: [
    { text: 'a', right: true },
    { text: 'b', right: false, why: 'b is the port.' },
    { text: 'c', right: false, why: 'c is nothing.' },
  ],
});
const enter = (language?: Language) =>
  s.ground.labs.start(s.ada, {
    course: 'tiny',
    lesson: 'one',
    prepare: false,
    ...(language === undefined ? {} : { language }),
  });

describe('the language of a lab', () => {
  it('is English until a page says another, and that page’s from then on', async () => {
    s = await school([course([lesson('one', [step('a', THREE)], { messages })])]);
    expect((await s.checks.check(s.ada, s.at('a'))).message).toBe('a.txt is missing.');
    await enter('it');
    expect((await s.checks.check(s.ada, s.at('a'))).message).toBe('Manca a.txt.');
    await enter();
    expect((await s.checks.check(s.ada, s.at('a'))).message).toBe('Manca a.txt.');
  });

  it('outlives the server, and is that of checks that run by themselves', async () => {
    s = await school([course([lesson('one', [step('a', THREE)], { messages })])]);
    await enter('it');
    await s.restart();
    await s.checks.acted(s.ada, s.at('a'), 'read');
    expect((await s.checks.check(s.ada, s.at('a'))).message).toBe('Manca a.txt.');
    await s.types('true');
    expect((await s.until('a', 'not-done')).message).toBe('Manca a.txt.');
  });

  it('goes on in the same sandbox, with no lesson laid anew', async () => {
    s = await school([course([lesson('one', [step('a', THREE)], { messages })])]);
    const before = await s.ground.labs.get(s.ada, s.lab);
    expect(await enter('it')).toMatchObject({ id: s.lab, state: 'ready', sandbox: before.sandbox });
  });

  it('holds for reasons that the translated page gives for choices, and for what this room says', async () => {
    const reasons = { it: { 'question-1': [null, 'b è la porta.', null] } };
    s = await school([course([lesson('one', [step('a', { questions: [asks] })], { reasons })])]);
    await enter('it');
    const answer = async (...choices: number[]) =>
      (await s.checks.answer(s.ada, s.at('a'), { question: 'question-1', choices })).why;
    expect(await answer(1)).toBe('b è la porta.');
    // the translation gives none: better the English reason than none
    expect(await answer(2)).toBe('c is nothing.');
    expect(await answer()).toBe(WORDS.it.pick);
    expect((await s.checks.check(s.ada, s.at('a'))).message).toBe(WORDS.it.answerQuestion);
    expect(await answer(0)).toBe(WORDS.it.right);
  });
});
