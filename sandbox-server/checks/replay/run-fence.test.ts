import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Course, Lesson, RunFence } from '../../contract/lesson.ts';
import type { Driver } from '../../sandboxes/driver.ts';
import { createLinks, temporaryTicketKeys } from '../../sandboxes/link/index.ts';
import { createMemoryDriver } from '../../sandboxes/memory/driver.ts';
import { LessonFailure } from '../lesson-failure.ts';
import { newLearner } from '../prove/learner.ts';
import type { Learner } from '../prove/learner.ts';
import { noServices } from '../prove/testing/no-services.ts';
import { replayRun } from './run-fence.ts';
import { lastLines } from './terminal-output.ts';

const course = { id: 'tiny' } as Course;
const lesson = { id: 'one' } as Lesson;
const fence = (code: string, more: Partial<RunFence> = {}): RunFence => ({
  id: 'run-1',
  kind: 'run',
  lang: 'bash',
  code,
  fails: false,
  place: { file: 'tiny/one/lesson.md', line: 7 },
  ...more,
});
let who: Learner;
let driver: Driver;
const hasty = (): Learner => ({ ...who, patience: { command: 1, until: 1, settle: 0 } });
beforeAll(async () => {
  const keys = temporaryTicketKeys();
  driver = await createMemoryDriver({ trust: { keys: [...keys.publicKeys()] } });
  const catalogue = { filesFor: () => Promise.resolve([]), fixturesFor: () => Promise.resolve([]) };
  who = await newLearner(
    { catalogue, driver, linkTo: createLinks({ sign: keys.sign }), services: noServices() },
    course,
    'base',
  );
});
afterAll(async () => {
  await who.leave();
  await driver.close();
});

describe('a run that never ends', () => {
  it('is stopped when its time is over, and its terminal is free again', async () => {
    const failure: unknown = await replayRun(hasty(), lesson, fence('echo begun; sleep 600')).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(LessonFailure);
    expect((failure as LessonFailure).said).toBe('It did not end within 1 s.');
    expect((failure as LessonFailure).facts).toMatchObject({
      place: { line: 7 },
      output: expect.stringContaining('begun') as string,
    });
    await replayRun(who, lesson, fence('true'));
  });
  it('with an until that never holds is stopped, too', async () => {
    const never = fence('sleep 600', { terminal: 'a', until: 'test -e never' });
    await expect(replayRun(hasty(), lesson, never)).rejects.toThrow('did not hold within 1 s');
    const free = { name: 'a', prompt: { state: 'idle' } };
    expect(await who.workshop.agent.terminals()).toContainEqual(expect.objectContaining(free));
  });
  it('refuses a terminal that is busy, naming what runs there', async () => {
    await replayRun(who, lesson, fence('touch begun; sleep 600', { terminal: 'a', until: 'test -e begun' }));
    await expect(replayRun(who, lesson, fence('true', { terminal: 'a' }))).rejects.toThrow(/busy/);
    await replayRun(who, lesson, fence('', { stop: 'a' }));
    await replayRun(who, lesson, fence('true', { terminal: 'a' }));
  });
});

describe('the last output', () => {
  it('is plain text: no escapes, the last drawing of a line, twenty lines', () => {
    expect(lastLines('\x1b[31mred\x1b[0m\r\n10%\r50%\r100%\r\nend\r\n')).toBe('red\n100%\nend');
    expect(lastLines(Array.from({ length: 100 }, (_, n) => String(n)).join('\n')).split('\n')).toHaveLength(
      20,
    );
  });
});
