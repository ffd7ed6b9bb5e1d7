/** `as=SERVICE`: verbs of a service in place of a script, through labs and checks as they are. */
import { afterEach, describe, expect, it } from 'vitest';
import { fill } from '../catalogue/fill.ts';
import { Problem } from '../contract/errors.ts';
import { VerbAnswer, type Verb } from '../contract/service.ts';
import { checkFence, course, fence, lesson, step } from '../labs/testing/courses.ts';
import { deskServices } from '../labs/testing/ground.ts';
import { runVerbs } from './service-fence.ts';
import { school, type School } from './testing/school.ts';

let s: School;
afterEach(() => s?.close());

/** A shop with a door; it answers as a service does, and notes who spoke of whom. */
function shop() {
  const asked: string[] = [];
  let closed = false;
  const call = (name: string, verb: Verb, login: string): Promise<VerbAnswer> => {
    asked.push(`${name} ${verb.name} ${login} ${JSON.stringify(verb.arguments)}`);
    if (verb.name === 'break') return Promise.reject(new Problem('unavailable', 'The shop does not answer.'));
    if (verb.name === 'close') closed = true;
    if (verb.name === 'open') closed = false;
    const said = closed ? 'The shop is closed.' : 'The shop is open.';
    const exit = verb.name === 'is-closed' ? (closed ? 0 : 1) : 0;
    return Promise.resolve(VerbAnswer.parse({ said, exit, facts: { door: closed ? 'shut' : 'wide' } }));
  };
  return { asked, call };
}
const as = { as: 'shop', lang: 'text' };

describe('a fence as=SERVICE', () => {
  it('sets up, checks and undoes for this learner alone, with blanks filled and facts stated', async () => {
    const { asked, call } = shop();
    const one = step('shut-it', {
      setup: [{ ...fence('setup', '# first\nopen door=front who={{user}}'), ...as }],
      checks: [checkFence('is-closed', as)],
      undos: [{ ...fence('undo', 'open'), ...as }],
    });
    s = await school([course([lesson('one', [one])])], {}, Date.now, {
      services: { ...deskServices(), call },
    });
    expect(asked).toEqual(['shop open ada {"door":"front","who":"ada"}']);
    expect(await s.checks.check(s.ada, s.at('shut-it'))).toMatchObject({
      state: 'not-done',
      message: 'The shop is open.',
    });
    await call('shop', { name: 'close', arguments: {} }, 'ada');
    expect(await s.checks.check(s.ada, s.at('shut-it'))).toMatchObject({
      state: 'done',
      message: 'The shop is closed.',
    });
    expect((await s.ground.labs.progress(s.ada, 'tiny')).facts).toEqual({ door: 'shut' });
    await s.checks.reset(s.ada, s.at('shut-it'));
    expect(asked.slice(-2)).toEqual(['shop open ada {}', 'shop open ada {"door":"front","who":"ada"}']);
    // nothing of it ran in the sandbox
    expect(s.desk().ran).toEqual([]);
  });

  it('whose service does not answer is said, and judges nobody', async () => {
    const { call } = shop();
    const one = step('a', { checks: [checkFence('break', as)] });
    s = await school([course([lesson('one', [one])])], {}, Date.now, {
      services: { ...deskServices(), call },
    });
    await expect(s.checks.check(s.ada, s.at('a'))).rejects.toMatchObject({ code: 'unavailable' });
    expect(await s.known('a')).toMatchObject({ state: 'todo', tries: 0 });
  });
});

describe('its lines', () => {
  const place = { file: 'x/lesson.md', line: 7 };
  const run = (code: string, call = shop().call, timeout = 5) =>
    runVerbs(
      { lang: 'text', code, place, as: 'shop' },
      { services: { call }, user: 'ada', fill, filling: { user: 'ada', facts: { it: 'x y' } }, timeout },
    );

  it('end at the first that does not end with 0', async () => {
    const { asked, call } = shop();
    expect(await run('open\nis-closed\nclose', call)).toMatchObject({
      exit: 1,
      stdout: 'fact door=wide\nThe shop is open.\nfact door=wide\nThe shop is open.',
      timedOut: false,
    });
    expect(asked).toHaveLength(2);
  });

  it('that cannot be read, or lack a fact, name their place', async () => {
    await expect(run('open x')).rejects.toThrow(/x\/lesson\.md:7 cannot be read: line 1/);
    await expect(run('open x={{fact:none}}')).rejects.toThrow(/x\/lesson\.md:7 needs fact:none/);
    // a fact is a learner's to forge: it may break the line, and never names another learner
    await expect(run('open x={{fact:it}}')).rejects.toThrow('"y" is not key=value');
  });

  it('are stopped after their time', async () => {
    const never = (_name: string, _verb: Verb, _login: string, signal?: AbortSignal): Promise<VerbAnswer> =>
      new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error)));
    expect(await run('open', never, 0.05)).toMatchObject({ exit: 124, timedOut: true });
  });
});
