import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseLesson } from '../../catalogue/lesson.ts';
import type { Course, Lesson } from '../../contract/lesson.ts';
import type { Driver } from '../../sandboxes/driver.ts';
import { createLinks, temporaryTicketKeys } from '../../sandboxes/link/index.ts';
import { createMemoryDriver } from '../../sandboxes/memory/driver.ts';
import { describeFailure, LessonFailure } from '../lesson-failure.ts';
import { newLearner } from './learner.ts';
import type { Learner } from './learner.ts';
import { noServices } from './testing/no-services.ts';
import { finish, openLesson, proveStep } from './prove-step.ts';

const fence = (info: string, ...code: string[]) => `\`\`\`${info}\n${code.join('\n')}\n\`\`\`\n\n`;
const given = [{ path: 'given.sh', content: Buffer.from('# here\n').toString('base64'), executable: false }];

// one sandbox for all: its home is emptied before each
let driver: Driver;
let learner: Learner;
beforeAll(async () => {
  const keys = temporaryTicketKeys();
  driver = await createMemoryDriver({ trust: { keys: [...keys.publicKeys()] } });
  const catalogue = { filesFor: () => Promise.resolve(given), fixturesFor: () => Promise.resolve([]) };
  learner = await newLearner(
    { catalogue, driver, linkTo: createLinks({ sign: keys.sign }), services: noServices() },
    { id: 'tiny' } as Course,
    'base',
  );
});
afterAll(async () => {
  await learner.leave();
  await driver.close();
});
beforeEach(async () => {
  const place = { file: 'test', line: 1 };
  await learner.workshop.run({ id: 'clean' } as Lesson, { lang: 'bash', code: 'rm -rf ~/*', place }, 10);
});

/** Prove a lesson of this body step by step. @returns why it does not hold */
async function reason(body: string): Promise<string> {
  const text = `---\ntitle: A lesson\nminutes: 5\n---\n${body}`;
  const inherits = { kit: 'base', services: [] };
  const { value, mistakes } = parseLesson({
    course: 'tiny',
    id: '1',
    file: 'tiny/1/lesson.md',
    text,
    inherits,
  });
  expect(mistakes).toEqual([]);
  const lesson: Lesson = { ...(value ?? expect.unreachable()), messages: {}, folder: '/nowhere', hash: '' };
  try {
    await openLesson(learner, lesson);
    for (const step of lesson.steps) await proveStep(learner, lesson, step);
    await finish(learner, lesson);
  } catch (error) {
    if (error instanceof LessonFailure) return describeFailure(error);
    throw error;
  }
  return 'it holds';
}

describe('a lesson does not hold', () => {
  const done = fence('bash check', '[ -e x ] || { echo "No x."; exit 1; }', 'echo "There is x."');
  const make = fence('bash run', 'touch x');

  it('when a check cannot fail', async () => {
    expect(await reason(`## A\n\n${make}${fence('bash check', 'echo fine')}`)).toContain('it cannot fail');
  });
  it('when a check says not yet before anything was done', async () => {
    expect(
      await reason(
        `## A\n\n${make}${fence('bash check waits=5s', '[ -e x ] && { echo yes; exit 0; }', 'echo waiting; exit 75')}`,
      ),
    ).toContain('it should say *not done*');
  });
  it('when a check is silent', async () => {
    expect(await reason(`## A\n\n${make}${fence('bash check', '[ -e x ]')}`)).toContain('said nothing');
  });
  it('when a check of `already` is red before its step', async () => {
    expect(
      await reason(
        `## A\n\n${make}${fence('bash check already="it may be"', '[ -e x ] || { echo no; exit 1; }', 'echo yes')}`,
      ),
    ).toContain('not content before its step');
  });
  it('when a command fails, with its output', async () => {
    const why = await reason(
      `## A\n\n${fence('bash run', 'echo begun', 'ls /nowhere/at-all', 'touch x')}${done}`,
    );
    expect(why).toMatch(
      /This command ended with exit status 2\.[\s\S]*command:\n {2}echo begun\n {2}ls \/nowhere[\s\S]*last output:[\s\S]*cannot access/,
    );
  });
  it('when a command meant to fail does not', async () => {
    expect(await reason(`## A\n\n${fence('bash run fails', 'true')}`)).toContain('is meant to fail');
  });
  it('when a program that should stay ends', async () => {
    expect(
      await reason(`## A\n\n${fence('bash run terminal=a until="test -e never"', 'echo gone')}`),
    ).toContain('This program ended before test -e never held.');
  });
  it('when a fact was never stated', async () => {
    expect(await reason(`## A\n\n${fence('bash run', 'echo {{fact:missing}}')}`)).toContain(
      'No check has stated fact:missing yet.',
    );
  });
  it('when an edit does not fit its file', async () => {
    expect(await reason(`## A\n\n${fence('bash edit file=given.sh at="# nowhere"', 'x')}`)).toContain(
      "Cannot insert into given.sh after '# nowhere'",
    );
  });
  it('when a setup fails', async () => {
    expect(await reason(`${fence('bash setup', 'echo broken >&2; exit 3')}## A\n\n${make}${done}`)).toMatch(
      /This setup ended with exit status 3[\s\S]*broken/,
    );
  });
  it('when a wait never ends', async () => {
    const body = `## A\n\n${fence('bash run', 'touch y')}${fence('bash check waits=2s every=1s', '[ -e y ] || { echo no; exit 1; }', 'echo waiting; exit 75')}## B\n\n${make}${done}`;
    expect(await reason(body)).toContain('This check still waits after 2 s.');
  });
  const wrong = (code: string, info = 'bash wrong hint=empty') => fence(info, code);
  const hint = ':::hint[Empty]{#empty}\nIt is empty.\n:::\n\n';
  const full = fence(
    'bash check',
    '[ -e x ] || { echo "No x."; exit 1; }',
    '[ -s x ] || { echo "hint empty"; echo "x is empty."; exit 1; }',
    'echo "x is full."',
  );
  const fill = fence('bash solution', 'echo 1 > x');
  const undo = fence('bash undo', 'rm -f x');
  it('when a check is content with what is wrong', async () => {
    expect(await reason(`## A\n\n${full}${fill}${wrong('echo 2 > x')}${undo}${hint}`)).toContain(
      'content with this, which is wrong',
    );
  });
  it('when what is wrong does not come to its hint', async () => {
    expect(await reason(`## A\n\n${full}${fill}${wrong('true')}${undo}${hint}`)).toMatch(
      /does not name the hint empty[^]*No x\./,
    );
  });
  it('when its undo fails, or leaves a step that is done', async () => {
    expect(
      await reason(`## A\n\n${full}${fill}${wrong('touch x')}${fence('bash undo', 'exit 4')}${hint}`),
    ).toContain('This undo ended with exit status 4');
    expect(
      await reason(`## A\n\n${full}${fill}${wrong('touch x')}${fence('bash undo', 'echo 3 > x')}${hint}`),
    ).toContain('After this and the undo the check is content');
  });
  it('and does with what is wrong, refused or not, its hint and its undo', async () => {
    expect(
      await reason(`## A\n\n${full}${fill}${wrong('touch x')}${wrong('false', 'bash wrong')}${undo}${hint}`),
    ).toBe('it holds');
  });
  it('when an answer finds nothing to type', async () => {
    const ask = (code: string) =>
      `${fence('bash setup', 'rm -f x')}## A\n\n${make}${done}:::question[How many?]\n${fence('bash answer', code)}:::\n`;
    expect(await reason(ask('ls | wc -l'))).toBe('it holds');
    expect(await reason(ask('ls /nowhere'))).toMatch(/This answer finds nothing[^]*cannot access/);
  });
  it('when its room check or its cleanup fails', async () => {
    expect(await reason(`## A\n\n${make}${done}${fence('bash cleanup', 'rm x')}`)).toBe('it holds');
    expect(await reason(`## A\n\n${make}${done}${fence('bash cleanup', 'exit 5')}`)).toContain(
      'This cleanup ended with exit status 5.',
    );
    expect(await reason(`${fence('bash ready', 'exit 6')}## A\n\n${make}${done}`)).toContain(
      'This room check ended with exit status 6.',
    );
  });
  it('and does where nothing of this is so', async () => {
    expect(await reason(`## A\n\n${make}${done}`)).toBe('it holds');
  });
});
