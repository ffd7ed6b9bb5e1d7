/** What an author does to their lab: any step becomes the one at hand, and a changed check judges anew. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Lesson } from '../contract/lesson.ts';
import { checkFence, course, fence, lesson, question, runFence, step } from '../labs/testing/courses.ts';
import { school, type School } from './testing/school.ts';

let s: School;
afterEach(() => s.close());

const makes = (name: string) =>
  step(name, {
    actions: [runFence('run-1', `echo ${name} > ${name}`)],
    checks: [
      checkFence(`[ -e ${name} ] || { echo "There is no ${name}."; exit 1; }; echo "${name} is there."`),
    ],
    undos: [fence('undo', `rm -f ${name}`)],
  });
const solved = step('asked', {
  questions: [question('question-1')],
  checks: [checkFence('[ "$(cat here)" = yes ] && echo "Here it is." || { echo "Not here."; exit 1; }')],
  solutions: [fence('solution', 'echo yes > here')],
  undos: [fence('undo', 'rm -f here')],
});
const three = () => [course([lesson('one', [makes('a'), solved, makes('c')])])];
const states = async () => Promise.all(['a', 'asked', 'c'].map(async (id) => (await s.known(id)).state));
const has = (file: string) => existsSync(join(s.desk().home, file));

describe('fast-forward', () => {
  it('plays what comes before a step, and no more', async () => {
    s = await school(three());
    await s.checks.goTo(s.ada, s.lab, 'one', 'c');
    expect(await states()).toEqual(['done', 'done', 'todo']);
    expect(await s.known('asked')).toMatchObject({ message: 'Here it is.', acted: ['question-1'] });
    expect([has('a'), has('here'), has('c')]).toEqual([true, true, false]);
  });

  it('goes to the end, and plays nothing twice', async () => {
    s = await school(three());
    await s.checks.goTo(s.ada, s.lab, 'one', 'asked');
    await s.types('echo mine > a');
    await s.checks.goTo(s.ada, s.lab, 'one', null);
    expect(await states()).toEqual(['done', 'done', 'done']);
    expect(await readFile(join(s.desk().home, 'a'), 'utf8')).toBe('mine\n');
  });

  it('says which step could not be played, with place and command; those before stay done', async () => {
    const broken = step('b', {
      ...makes('b'),
      actions: [runFence('run-1', 'echo why; false')],
    });
    s = await school([course([lesson('one', [makes('a'), broken, makes('c')])])]);
    const went = s.checks.goTo(s.ada, s.lab, 'one', null);
    await expect(went).rejects.toMatchObject({ code: 'conflict' });
    await expect(went).rejects.toThrow(
      /^b: This command ended with exit status 1\.\nat courses\/tiny\/lesson\.md:1\ncommand:\n {2}echo why; false/,
    );
    expect((await s.known('a')).state).toBe('done');
    expect((await s.known('b')).state).toBe('todo');
    expect(s.told('b').at(-1)).toBe('todo');
  });

  it('does not know a step or a lesson that is not there', async () => {
    s = await school(three());
    await expect(s.checks.goTo(s.ada, s.lab, 'one', 'x')).rejects.toMatchObject({ code: 'not-found' });
    await expect(s.checks.goTo(s.ada, s.lab, 'x', 'a')).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('reset to step', () => {
  it('undoes it and what was done after it', async () => {
    s = await school(three());
    await s.checks.goTo(s.ada, s.lab, 'one', null);
    await s.checks.goTo(s.ada, s.lab, 'one', 'asked');
    expect(await states()).toEqual(['done', 'todo', 'todo']);
    expect([has('a'), has('here'), has('c')]).toEqual([true, false, false]);
  });
});

describe('a lesson that its author saved', () => {
  /** as a reload of the courses does it */
  const save = async (change: (l: Lesson) => Lesson, steps: readonly string[]) => {
    const found = s.ground.options.catalogue.course('tiny');
    if (found === undefined) throw new Error('no course');
    const lessons = found.lessons.map(change);
    Object.assign(found, { lessons });
    await s.checks.renew('tiny', 'one', steps);
  };
  const checkOf = (id: string, code: string) => (l: Lesson) => ({
    ...l,
    steps: l.steps.map((each) => (each.id === id ? { ...each, checks: [checkFence(code)] } : each)),
  });

  it('a step that was done is judged by the new check: red, and green again', async () => {
    s = await school(three());
    await s.checks.goTo(s.ada, s.lab, 'one', 'asked');
    await save(checkOf('a', 'echo "Now it must be b."; exit 1'), ['a']);
    expect(await s.known('a')).toMatchObject({ state: 'not-done', message: 'Now it must be b.' });
    await save(checkOf('a', 'echo "As it was."'), ['a']);
    expect(await s.known('a')).toMatchObject({ state: 'done', message: 'As it was.' });
  });

  it('the step at hand is judged, one that nobody came to is not', async () => {
    s = await school(three());
    await save(checkOf('a', 'echo "New words."; exit 1'), ['a']);
    await save(checkOf('c', 'echo "Not yet looked at."; exit 1'), ['c']);
    expect(await s.known('a')).toMatchObject({ state: 'not-done', message: 'New words.' });
    expect((await s.known('c')).state).toBe('todo');
  });

  it('its new check is the one that runs by itself from then on', async () => {
    s = await school(three());
    await save(checkOf('a', '[ -e z ] && echo "z is there." || { echo "No z."; exit 1; }'), []);
    await s.types('touch z');
    expect(await s.until('a', 'done')).toMatchObject({ message: 'z is there.' });
  });
});
