import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { checkFence, course, fence, lesson, runFence, step } from '../labs/testing/courses.ts';
import { school, type School } from './testing/school.ts';

let s: School;
afterEach(() => s.close());

const first = lesson(
  'first',
  [
    step('run', {
      setup: [fence('setup', 'echo 7 > input')],
      actions: [runFence('run-1', 'cp input copy'), runFence('run-2', 'ls /nowhere', { fails: true })],
      checks: [checkFence('[ -e copy ] || { echo no; exit 1; }; echo "fact n=$(cat copy)"; echo ok')],
    }),
    step('edit', { actions: [{ ...fence('edit', 'n = {{fact:n}}'), file: 'x.py', at: '# here' }] }),
    step('solve', {
      solutions: [fence('solution', 'mkdir -p out; cd out; echo {{fact:n}} > made')],
      checks: [checkFence('[ -e out/made ] || { echo no; exit 1; }; echo ok')],
    }),
  ],
  { setup: [fence('setup', 'touch lesson-was-set-up')] },
);
const second = { ...lesson('second', [step('b')]), needs: { ...first.needs, after: ['first'] } };
const given = { files: { first: { 'x.py': '# here\nend\n' } } };
const home = (path: string) => readFile(join(s.desk().home, path), 'utf8');
const startSecond = async (prepare: boolean) => {
  await s.ground.labs.start(s.ada, { course: 'tiny', lesson: 'second', prepare });
  await s.ground.until(s.ada, s.lab, 'ready');
};

describe('Prepare this for me', () => {
  it('replays what the lesson needs: setups, commands, edits, solutions, facts; marks the steps skipped', async () => {
    s = await school([course([lesson('zero', [step('z')]), first, second])], given);
    await startSecond(true);
    expect((await s.ground.labs.progressOf(s.lab)).steps.map((p) => p.state)).toEqual([
      'todo',
      'skipped',
      'skipped',
      'skipped',
      'todo',
    ]);
    expect(await home('copy')).toBe('7\n');
    expect(await home('x.py')).toBe('# here\nn = 7\nend\n');
    expect(await home('out/made')).toBe('7\n');
    expect(await home('lesson-was-set-up')).toBe('');
    expect(s.desk().closedTerminals).toEqual(['prepare']);
    const told = s.ground.events.flatMap((e) =>
      e.type === 'lab' ? e.lab.stages.filter((x) => x.name === 'prepare') : [],
    );
    expect(told.map((x) => x.progress?.done)).toEqual(expect.arrayContaining([0, 1, 2, 3]));
  });

  it('does nothing where it is not asked for', async () => {
    s = await school([course([lesson('zero', [step('z')]), first, second])], given);
    await startSecond(false);
    await expect(home('copy')).rejects.toThrow('ENOENT');
  });

  it('is done once for a home; and by itself where the home with the learner’s own work is gone', async () => {
    s = await school([course([first, second])], given);
    for (const id of ['run', 'edit', 'solve'])
      await s.ground.labs.record(s.lab, { ...(await s.known(id)), state: 'done' });
    await startSecond(false);
    await expect(home('out/made')).rejects.toThrow('ENOENT');
    await s.ground.labs.end(s.ada, s.lab);
    const { id } = await s.ground.start(s.ada, 'second');
    Object.assign(s, { lab: id });
    await s.ground.until(s.ada, id, 'ready');
    expect(await home('out/made')).toBe('7\n');
    expect((await s.known('solve')).state).toBe('done');
    const typed = s.desk().typed.length;
    await s.ground.labs.start(s.ada, { course: 'tiny', lesson: 'second', prepare: true });
    await s.ground.until(s.ada, id, 'ready');
    expect(s.desk().typed.length).toBe(typed);
  });

  it('what cannot be replayed is told, and locks nobody out', async () => {
    const broken = lesson('first', [step('run', { actions: [runFence('run-1', 'exit 3')] })]);
    s = await school([course([lesson('zero', [step('z')]), broken, second])]);
    await startSecond(true);
    expect(s.ground.events).toContainEqual({
      type: 'warning',
      lab: s.lab,
      text: expect.stringMatching(/ended with exit status 3 \(courses\/tiny\/lesson\.md:1\)/) as string,
    });
    expect((await s.known('run', 'first')).state).toBe('todo');
  });

  it('waits for `until` and leaves what runs in its terminal', async () => {
    const runs = lesson('first', [
      step('run', {
        actions: [
          runFence('run-1', 'sleep 0.2; touch up; sleep 0.5', { terminal: 'server', until: '[ -e up ]' }),
        ],
      }),
    ]);
    s = await school([course([lesson('zero', [step('z')]), runs, second])]);
    await startSecond(true);
    expect(s.desk().typed).toEqual([expect.objectContaining({ terminal: 'server' })]);
    expect(await home('up')).toBe('');
  });
});
