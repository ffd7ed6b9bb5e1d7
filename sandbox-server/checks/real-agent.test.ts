/** The whole of it on the real agent: a lab started, its commands typed into a real shell, its checks turning green. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fill } from '../catalogue/fill.ts';
import type { Course } from '../contract/lesson.ts';
import { createLabs } from '../labs/labs.ts';
import type { Labs } from '../labs/face.ts';
import {
  catalogueOf,
  checkFence,
  course,
  fence,
  hint,
  lesson,
  runFence,
  step,
} from '../labs/testing/courses.ts';
import { deskServices, ground, type Ground } from '../labs/testing/ground.ts';
import type { Driver } from '../sandboxes/driver.ts';
import { createLinks, temporaryTicketKeys } from '../sandboxes/link/index.ts';
import { createMemoryDriver } from '../sandboxes/memory/driver.ts';
import { silentLog } from '../telemetry/index.ts';
import { createChecks } from './checks.ts';
import type { Checks } from './face.ts';

const COURSE: Course = course([
  lesson(
    'first',
    [
      step('block', {
        actions: [
          runFence('run-1', 'cd /tmp\nwhere=$PWD\ncat > "$HOME/made" <<END\n$where {{user}}\nEND'),
          runFence('run-2', 'ls /nowhere', { fails: true }),
        ],
      }),
      step('check', {
        checks: [
          checkFence(
            '. "$PALESTRA_FIXTURES/f.sh"; [ "$(cat made)" = "/tmp ada" ] || { echo "hint h"; echo "made holds something else."; exit 1; }; echo "fact word=$WORD"; echo "made is right."',
          ),
        ],
        hints: [hint('h')],
        undos: [fence('undo', 'rm -f made')],
        solutions: [fence('solution', 'echo "/tmp $PALESTRA_USER" > made')],
      }),
      step('edit', {
        actions: [{ ...fence('edit', 'say = "{{fact:word}}"'), file: 'x.py', at: '# here' }],
        checks: [
          checkFence(
            'import pathlib, sys\ntext = pathlib.Path("x.py").read_text()\nprint("x.py says it." if "palestra" in text else "x.py does not say it.")\nsys.exit(0 if "palestra" in text else 1)',
            { lang: 'python', timeout: 20 },
          ),
        ],
      }),
      step('server', {
        actions: [
          runFence('run-3', 'sleep 0.3; touch up; sleep 600', { terminal: 'server', until: '[ -e up ]' }),
          runFence('run-4', '', { stop: 'server' }),
        ],
      }),
    ],
    { setup: [fence('setup', 'echo "$PALESTRA_SEED" > seed')] },
  ),
  lesson('python', [
    step('start', { actions: [runFence('run-1', 'python3 -q', { terminal: 'py' })] }),
    step('define', {
      actions: [
        runFence(
          'run-2',
          'def twice(x):\n    y = 2 * x\n\n    return y\n\nopen("made", "w").write(str(twice(21)))',
          {
            lang: 'python',
            terminal: 'py',
            in: 'python',
          },
        ),
        runFence('run-3', '1 / 0\nopen("made", "w")', {
          lang: 'python',
          terminal: 'py',
          in: 'python',
          fails: true,
        }),
      ],
      checks: [
        checkFence('[ "$(cat made)" = 42 ] || { echo "made holds no 42."; exit 1; }; echo "42 it is."'),
      ],
    }),
    step('leave', { actions: [runFence('run-4', '', { stop: 'py' })] }),
  ]),
  { ...lesson('second', [step('x')]), needs: { ...lesson('second', []).needs, after: ['first'] } },
]);
const GIVEN = { files: { first: { 'x.py': '# here\n' } }, fixtures: { 'f.sh': 'WORD=palestra' } };

let g: Ground;
let driver: Driver;
let labs: Labs;
let checks: Checks;

beforeEach(async () => {
  const keys = temporaryTicketKeys();
  driver = await createMemoryDriver({ trust: { keys: [...keys.publicKeys()] } });
  g = await ground([COURSE], GIVEN, {
    driver,
    linkTo: createLinks({ sign: keys.sign }),
    openLesson: (...args) => checks.openLesson(...args),
    prepare: (...args) => checks.prepare(...args),
  });
  open();
});
function open(): void {
  labs = createLabs(g.options);
  g.labs = labs;
  const { services } = g.options;
  checks = createChecks({
    catalogue: catalogueOf([COURSE], GIVEN),
    labs,
    services: { ...deskServices(), ...services },
    fill,
    log: silentLog(),
  });
}
afterEach(async () => {
  await checks.close();
  await g.close();
  await driver.close();
});

describe('on the real agent', () => {
  it('a lesson from its first command to its last, by click, by hand, over a restart of the server', async () => {
    const ada = await g.who('ada');
    const lab = (await g.until(ada, (await g.start(ada, 'first')).id, 'ready')).id;
    const at = (id: string) => ({ lab, lesson: 'first', step: id });
    const state = async (id: string) =>
      (await labs.progressOf(lab)).steps.find((s) => s.step === id && s.lesson === 'first');
    const until = (id: string, wanted: string) =>
      expect.poll(async () => (await state(id))?.state, { timeout: 15_000, interval: 50 }).toBe(wanted);

    await checks.run(ada, at('block'), 'run-1');
    await expect.poll(async () => (await state('block'))?.acted, { timeout: 10_000 }).toEqual(['run-1']);
    await expect(checks.check(ada, at('check'))).resolves.toMatchObject({
      state: 'done',
      message: 'made is right.',
    });
    const { agent } = await labs.open(ada, lab);
    await agent.type({ terminal: '7', code: 'ls   /nowhere' });
    await until('block', 'done');

    await checks.close();
    await labs.close();
    open();
    await labs.adopt();
    expect((await labs.get(ada, lab)).state).toBe('ready');

    expect(await checks.check(ada, at('edit'))).toMatchObject({
      state: 'not-done',
      message: 'x.py does not say it.',
    });
    const again = await labs.open(ada, lab);
    await again.agent.write('x.py', Buffer.from('# here\nsay = "palestra"\n'), {});
    await until('edit', 'done');

    await checks.run(ada, at('server'), 'run-3');
    await expect(checks.run(ada, at('server'), 'run-3')).rejects.toMatchObject({ code: 'busy' });
    await checks.run(ada, at('server'), 'run-4');
    await until('server', 'done');

    expect(await checks.reset(ada, at('check'))).toMatchObject({ state: 'todo', acted: [] });
    expect(await checks.check(ada, at('check'))).toMatchObject({
      state: 'not-done',
      tries: 1,
      hints: [{ id: 'h' }],
    });
  });

  it('types Python at the prompt that stands in its terminal, by a click and in a replay', async () => {
    const ada = await g.who('ada');
    const lab = (await g.until(ada, (await g.start(ada, 'python')).id, 'ready')).id;
    const at = (id: string) => ({ lab, lesson: 'python', step: id });
    const until = (id: string, wanted: string) =>
      expect
        .poll(
          async () =>
            (await labs.progressOf(lab)).steps.find((s) => s.step === id && s.lesson === 'python')?.state,
          { timeout: 15_000, interval: 50 },
        )
        .toBe(wanted);
    await expect(checks.run(ada, at('define'), 'run-2')).rejects.toThrow(/Start python3 there first/);
    await checks.run(ada, at('start'), 'run-1');
    await until('start', 'done');
    await checks.run(ada, at('define'), 'run-2');
    await until('define', 'done');
    await checks.run(ada, at('leave'), 'run-4');
    await until('leave', 'done');
    await checks.goTo(ada, lab, 'python', 'start');
    await checks.goTo(ada, lab, 'python', null);
    expect((await labs.progressOf(lab)).steps.filter((s) => s.state === 'done').map((s) => s.step)).toEqual([
      'start',
      'define',
      'leave',
    ]);
  });

  it('prepares what comes before, and loses nothing with the sandbox (F3)', async () => {
    const ada = await g.who('ada');
    const { id: lab } = await labs.start(ada, { course: 'tiny', lesson: 'second', prepare: true });
    await g.until(ada, lab, 'ready');
    const states = async () => (await labs.progressOf(lab)).steps.map((s) => s.state);
    expect(await states()).toEqual([
      'skipped',
      'skipped',
      'skipped',
      'skipped',
      'todo',
      'todo',
      'todo',
      'todo',
    ]);
    await labs.pause(ada, lab);
    await labs.resume(ada, lab);
    await g.until(ada, lab, 'ready');
    const { agent } = await labs.open(ada, lab);
    const told = await agent.run({
      lang: 'bash',
      code: 'cat made x.py seed',
      timeout: 5,
      fixtures: [],
      env: {},
    });
    expect(told.stdout).toMatch(/^\/tmp ada\n# here\nsay = "palestra"\n[0-9a-f]{16}\n$/);
  });
});
