import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import {
  checkFence,
  course,
  fence,
  hint,
  lesson,
  question,
  runFence,
  step,
} from '../labs/testing/courses.ts';
import { aWhile, school, type School } from './testing/school.ts';

let s: School;
afterEach(() => s.close());
const one = (...steps: Parameters<typeof lesson>[1]) => [course([lesson('one', steps)])];
const exists = (file: string) =>
  checkFence(`[ -e ${file} ] || { echo "There is no ${file}."; exit 1; }; echo "${file} is there."`);

describe('opening a lesson', () => {
  it('lays its files, runs its setup with seed and fixtures, and the first step’s setup only', async () => {
    const steps = [
      step('a', { setup: [fence('setup', 'echo a >> setups')] }),
      step('b', { setup: [fence('setup', 'echo b >> setups')] }),
    ];
    const setup = [
      fence(
        'setup',
        '. "$PALESTRA_FIXTURES/f.sh"; echo "$FROM_FIXTURE $PALESTRA_SEED $PALESTRA_USER $PALESTRA_LESSON" > inputs',
      ),
    ];
    s = await school([course([lesson('one', steps, { setup })])], {
      files: { one: { 'x.py': 'x = 1\n' } },
      fixtures: { 'f.sh': 'FROM_FIXTURE=yes' },
    });
    expect(await readFile(join(s.desk().home, 'x.py'), 'utf8')).toBe('x = 1\n');
    expect(await readFile(join(s.desk().home, 'inputs'), 'utf8')).toMatch(/^yes [0-9a-f]{16} ada one\n$/);
    expect(await readFile(join(s.desk().home, 'setups'), 'utf8')).toBe('a\n');
    const lab = await s.ground.labs.get(s.ada, s.lab);
    expect(lab.stages.map((x) => x.name)).toEqual(['claiming', 'home', 'files', 'setup', 'ready']);
  });

  it('runs a step’s setup when it becomes the first undone one, once', async () => {
    const b = step('b', { setup: [fence('setup', 'echo b >> setups')], checks: [exists('b')] });
    s = await school(one(step('a', { checks: [exists('a')] }), b, step('c')));
    await s.types('touch a');
    await s.until('a', 'done');
    await s.types('touch x');
    await aWhile();
    expect(await readFile(join(s.desk().home, 'setups'), 'utf8')).toBe('b\n');
  });

  it('a setup that fails is a failed start that names its place', async () => {
    await expect(
      school([course([lesson('one', [step('a')], { setup: [fence('setup', 'echo why >&2; exit 3')] })])]),
    ).rejects.toThrow(/ended with exit status 3 \(courses\/tiny\/lesson\.md:1\): why/);
    s = await school(one(step('a')));
  });

  it('never overwrites what the learner changed, at no later start', async () => {
    s = await school(one(step('a')), { files: { one: { 'x.py': 'x = 1\n' } } });
    await s.types('echo mine > x.py');
    await s.checks.openLesson(s.lab, 'one');
    expect(await readFile(join(s.desk().home, 'x.py'), 'utf8')).toBe('mine\n');
    expect(await readFile(join(s.desk().home, 'x.py.new'), 'utf8')).toBe('x = 1\n');
  });
});

describe('Check now', () => {
  const hints = [hint('named'), hint('tries', { afterTries: 2 })];
  const checks = [
    checkFence('[ -e a ] || { echo "hint named"; echo "There is no a."; exit 1; }; echo "a is there."'),
  ];

  it('shows a hint whose `when` succeeds, while the step is not done', async () => {
    const when = (code: string) => ({
      when: { lang: 'bash', code, place: { file: 'courses/tiny/lesson.md', line: 1 } },
    });
    const seen = [hint('empty', when('[ -e b ]')), hint('other', when('false'))];
    s = await school(one(step('a', { checks, hints: seen })));
    expect((await s.checks.check(s.ada, s.at('a'))).hints).toEqual([]);
    await s.types('touch b');
    expect((await s.checks.check(s.ada, s.at('a'))).hints.map(({ id }) => id)).toEqual(['empty']);
    await s.types('touch a');
    expect((await s.until('a', 'done')).hints).toEqual([]);
  });

  it('says the check’s own sentence, counts tries, shows hints named and due; done stays done', async () => {
    s = await school(one(step('a', { checks, hints })));
    expect(await s.checks.check(s.ada, s.at('a'))).toMatchObject({
      state: 'not-done',
      message: 'There is no a.',
      tries: 1,
      hints: [{ id: 'named' }],
    });
    expect((await s.checks.check(s.ada, s.at('a'))).hints.map((h) => h.id)).toEqual(['named', 'tries']);
    await s.types('touch a');
    expect(await s.until('a', 'done')).toMatchObject({ message: 'a is there.', hints: [] });
    await s.types('rm a');
    await aWhile();
    expect(await s.checks.check(s.ada, s.at('a'))).toMatchObject({ state: 'done' });
    expect(s.told('a')).toContain('checking');
  });

  it('all checks of a step must pass, the first failing one speaks', async () => {
    s = await school(one(step('a', { checks: [exists('one'), { ...exists('two'), id: 'check-2' }] })));
    expect((await s.checks.check(s.ada, s.at('a'))).message).toBe('There is no one.');
    await s.types('touch one');
    expect((await s.checks.check(s.ada, s.at('a'))).message).toBe('There is no two.');
    await s.types('touch two');
    expect(await s.until('a', 'done')).toMatchObject({ message: 'two is there.' });
  });

  it('of a step without a check says what to do', async () => {
    s = await school(
      one(
        step('a', { actions: [runFence('run-1', 'ls')] }),
        step('q', { questions: [question('question-1')] }),
      ),
    );
    expect((await s.checks.check(s.ada, s.at('a'))).message).toContain('Run the commands');
    expect((await s.checks.check(s.ada, s.at('q'))).message).toContain('Answer the question');
  });

  it('a check that is at fault is nobody’s failure: said when asked, silent by itself', async () => {
    s = await school(one(step('a', { checks: [checkFence('true')], actions: [runFence('run-1', 'ls')] })));
    await s.checks.run(s.ada, s.at('a'), 'run-1');
    await aWhile();
    expect((await s.known('a')).state).toBe('todo');
    const said = await s.checks.check(s.ada, s.at('a'));
    expect(said).toMatchObject({ state: 'not-done', tries: 0 });
    expect(said.message).toMatch(/not your fault: the check at courses\/tiny\/lesson\.md:1 said nothing/);
  });

  it('leaves no step checking for ever where the sandbox does not answer', async () => {
    const { Problem } = await import('../contract/errors.ts');
    s = await school(one(step('a', { checks: [exists('a')] })));
    s.desk().broken = new Problem('agent-unreachable', 'The sandbox does not answer.');
    await expect(s.checks.check(s.ada, s.at('a'))).rejects.toMatchObject({ code: 'agent-unreachable' });
    expect(s.told('a')).toEqual(['checking', 'todo']);
  });

  it('one at a time in a sandbox; the same asked again meanwhile is the same', async () => {
    const alone = checkFence(
      'mkdir lock || { echo "Two at once."; exit 1; }; sleep 0.2; echo x >> runs; rmdir lock; echo ok',
    );
    s = await school(one(step('a', { checks: [alone] }), step('b', { checks: [alone] })));
    const all = await Promise.all([
      ...Array.from({ length: 20 }, () => s.checks.check(s.ada, s.at('a'))),
      s.checks.check(s.ada, s.at('b')),
    ]);
    expect(new Set(all.map((p) => `${p.step} ${p.state} ${p.message}`))).toEqual(
      new Set(['a done ok', 'b done ok']),
    );
    expect(await readFile(join(s.desk().home, 'runs'), 'utf8')).toBe('x\nx\n');
  });
});

describe('by themselves', () => {
  it('only the first undone step’s checks run after a command; several commands make few runs', async () => {
    const counted = (name: string) =>
      checkFence(`echo x >> runs-${name}; [ -e ${name} ] || { echo no; exit 1; }; echo ok`);
    s = await school(one(step('a', { checks: [counted('a')] }), step('b', { checks: [counted('b')] })));
    await Promise.all(Array.from({ length: 30 }, () => s.desk().link.type({ code: 'true' })));
    await s.desk().idle();
    await aWhile();
    expect((await readFile(join(s.desk().home, 'runs-a'), 'utf8')).length / 2).toBeLessThan(15);
    await expect(readFile(join(s.desk().home, 'runs-b'))).rejects.toThrow('ENOENT');
    await s.types('touch a b');
    await s.until('a', 'done');
    await s.types('true');
    await s.until('b', 'done');
  });

  it('a failing one is silent before anything was done in the step, and red after', async () => {
    s = await school(one(step('a', { checks: [exists('a')], actions: [runFence('run-1', 'echo trying')] })));
    await s.types('ls');
    await aWhile();
    expect(s.told('a')).toEqual([]);
    await s.checks.run(s.ada, s.at('a'), 'run-1');
    expect(await s.until('a', 'not-done')).toMatchObject({ message: 'There is no a.', acted: ['run-1'] });
  });

  it('run after a save', async () => {
    s = await school(one(step('a', { checks: [exists('a')] })));
    await s.desk().link.write('a', Buffer.from('x'), {});
    s.desk().emit({ type: 'files', changes: [{ path: 'a', change: 'created' }] });
    await s.until('a', 'done');
  });

  it('go on after a restart of the server, also for what happened meanwhile', async () => {
    s = await school(
      one(
        step('a', { checks: [exists('a')] }),
        step('b', { checks: [exists('b')], setup: [fence('setup', 'echo b >> setups')] }),
      ),
    );
    await s.checks.close();
    await s.types('touch a');
    await s.restart();
    await s.until('a', 'done');
    await s.types('touch b');
    await s.until('b', 'done');
    await s.restart();
    await aWhile();
    expect(await readFile(join(s.desk().home, 'setups'), 'utf8')).toBe('b\n');
  });

  it('stop with the lab: nothing is written by what its dying sandbox said', async () => {
    s = await school(one(step('a', { checks: [checkFence('sleep 0.5; echo ok')] })));
    void s.checks.check(s.ada, s.at('a')).catch(() => undefined);
    await aWhile(100);
    await s.ground.labs.pause(s.ada, s.lab);
    await aWhile(700);
    expect((await s.known('a')).state).not.toBe('done');
  });
});

describe('steps without a check', () => {
  it('are done when their commands have run well, by click or by hand', async () => {
    const actions = [runFence('run-1', 'false # {{user}}'), runFence('run-2', 'echo   "hello {{user}}"')];
    s = await school(one(step('a', { actions })));
    await s.checks.run(s.ada, s.at('a'), 'run-1');
    await s.desk().idle();
    await aWhile();
    expect((await s.known('a')).acted).toEqual([]);
    await s.types('echo "hello ada"');
    await aWhile(100);
    expect((await s.known('a')).acted).toEqual(['run-2']);
    s.desk().typed.length = 0;
    await s.checks.acted(s.ada, s.at('a'), 'run-1');
    expect((await s.until('a', 'done')).acted).toEqual(['run-2', 'run-1']);
  });

  it('`fails` wants the failure', async () => {
    s = await school(one(step('a', { actions: [runFence('run-1', 'ls /nowhere', { fails: true })] })));
    await s.checks.run(s.ada, s.at('a'), 'run-1');
    await s.until('a', 'done');
  });

  it('are done when read, and open the next one', async () => {
    s = await school(one(step('a'), step('b', { setup: [fence('setup', 'touch b-was-set-up')] })));
    await s.checks.acted(s.ada, s.at('a'), 'read');
    await s.until('a', 'done');
    await aWhile(200);
    expect(await readFile(join(s.desk().home, 'b-was-set-up'), 'utf8')).toBe('');
  });

  it('refuse actions they do not have', async () => {
    s = await school(one(step('a', { actions: [runFence('run-1', 'ls')] })));
    await expect(s.checks.acted(s.ada, s.at('a'), 'run-9')).rejects.toMatchObject({ code: 'bad-request' });
    await expect(s.checks.run(s.ada, s.at('a'), 'run-9')).rejects.toMatchObject({ code: 'not-found' });
    await expect(s.checks.check(s.ada, s.at('nope'))).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('running a command', () => {
  it('types into the terminal named, with blanks filled; a fact nobody stated yet is a sentence', async () => {
    const checks = [checkFence('echo "fact rule=a b; c"; echo ok')];
    const b = step('b', {
      actions: [runFence('run-1', 'echo {{fact:rule}} {{user}}', { terminal: 'watch' })],
    });
    s = await school(one(step('a', { checks }), b));
    await expect(s.checks.run(s.ada, s.at('b'), 'run-1')).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('rule') as string,
    });
    await s.checks.check(s.ada, s.at('a'));
    expect(await s.checks.run(s.ada, s.at('b'), 'run-1')).toMatchObject({ terminal: 'watch' });
    expect(s.desk().typed.at(-1)).toEqual({ terminal: 'watch', code: 'echo a b; c ada' });
    await s.checks.run(s.ada, s.at('b'), 'run-1', 'other');
    expect(s.desk().typed.at(-1)?.terminal).toBe('other');
    expect((await s.ground.labs.progress(s.ada, 'tiny')).facts).toEqual({ rule: 'a b; c' });
    expect(s.ground.events).toContainEqual({ type: 'facts', lab: s.lab, facts: { rule: 'a b; c' } });
  });

  it('at a busy prompt is `busy`, and nothing was done', async () => {
    s = await school(one(step('a', { actions: [runFence('run-1', 'ls')], checks: [exists('a')] })));
    s.desk().busyWith = 'watch -n2 date';
    await expect(s.checks.run(s.ada, s.at('a'), 'run-1')).rejects.toMatchObject({
      code: 'busy',
      details: { terminal: '1', command: 'watch -n2 date' },
    });
    expect((await s.known('a')).acted).toEqual([]);
  });

  it('`stop` presses Ctrl-C there; `until` counts as done when typed', async () => {
    const actions = [
      runFence('run-1', 'sleep 0.3', { terminal: 'w', until: 'true' }),
      runFence('run-2', '', { stop: 'w' }),
    ];
    s = await school(one(step('a', { actions })));
    await s.checks.run(s.ada, s.at('a'), 'run-1');
    expect((await s.known('a')).acted).toEqual(['run-1']);
    expect(await s.checks.run(s.ada, s.at('a'), 'run-2')).toMatchObject({ terminal: 'w' });
    expect(s.desk().stopped).toEqual(['w']);
    await s.until('a', 'done');
  });

  it('T29 in somebody else’s lab is not found, whatever is asked', async () => {
    s = await school(one(step('a', { actions: [runFence('run-1', 'ls')] })));
    const eve = await s.ground.who('eve');
    const at = s.at('a');
    const ways = [
      () => s.checks.run(eve, at, 'run-1'),
      () => s.checks.acted(eve, at, 'read'),
      () => s.checks.check(eve, at),
      () => s.checks.solution(eve, at),
      () => s.checks.reset(eve, at),
      () => s.checks.answer(eve, at, { question: 'question-1' }),
    ];
    for (const way of ways) await expect(way()).rejects.toMatchObject({ code: 'not-found' });
    expect(s.desk().typed).toEqual([]);
  });
});

describe('waiting', () => {
  const copying = checkFence(
    'n=$(cat n 2>/dev/null || echo 0); [ "$n" -ge 3 ] && { echo "All three."; exit 0; }; echo "progress $n 3 files"; echo "Still copying."; exit 75',
    {
      waits: 60,
      every: 0.05,
    },
  );

  it('goes on without a browser, says how far, locks nothing, and ends done', async () => {
    s = await school(one(step('a', { checks: [copying] }), step('b', { checks: [exists('b')] })));
    await s.types('echo 1 > n');
    const waiting = await s.until('a', 'waiting');
    expect(waiting).toMatchObject({
      message: 'Still copying.',
      waiting: { atMost: 60, longer: false, progress: { done: 1, all: 3, unit: 'files' } },
    });
    await s.types('touch b');
    await s.until('b', 'done');
    await s.desk().link.write('n', Buffer.from('3'), {});
    expect(await s.until('a', 'done')).toMatchObject({ message: 'All three.' });
    expect((await s.known('a')).waiting).toBeUndefined();
  });

  it('past its time takes longer than usual, with the hint for it; it may still end well', async () => {
    let now = Date.now();
    s = await school(
      one(step('a', { checks: [copying], hints: [hint('slow', { afterSeconds: 30 })] })),
      {},
      () => now,
    );
    await s.checks.check(s.ada, s.at('a'));
    now += 31_000;
    const soon = await s.checks.check(s.ada, s.at('a'));
    expect(soon.hints.map((h) => h.id)).toEqual(['slow']);
    expect(soon.waiting?.longer).toBe(false);
    now += 30_000;
    const late = await s.checks.check(s.ada, s.at('a'));
    expect(late).toMatchObject({
      state: 'waiting',
      message: 'This takes longer than usual. Still copying.',
      waiting: { longer: true },
    });
    await s.types('echo 3 > n');
    await s.until('a', 'done');
  });

  it('goes on over a restart, from when it began', async () => {
    s = await school(one(step('a', { checks: [copying] })));
    const { waiting } = await s.checks.check(s.ada, s.at('a'));
    await s.restart();
    expect((await s.known('a')).waiting?.since).toBe(waiting?.since);
    await s.desk().link.write('n', Buffer.from('3'), {});
    await s.until('a', 'done');
  });

  it('turns red where the thing waited for fails', async () => {
    const fails = checkFence('[ -e failed ] && { echo "The copy failed."; exit 1; }; echo wait; exit 75', {
      waits: 60,
      every: 0.05,
    });
    s = await school(one(step('a', { checks: [fails] })));
    await s.checks.check(s.ada, s.at('a'));
    await s.desk().link.write('failed', Buffer.from(''), {});
    expect(await s.until('a', 'not-done')).toMatchObject({ message: 'The copy failed.' });
  });
});

describe('questions', () => {
  const choices = [
    { text: 'two', right: true },
    { text: 'three', right: false, why: 'Three is the number of files.' },
  ];
  it('are judged here; a step with a check and a question needs both', async () => {
    const asks = question('question-1', { choices });
    s = await school(
      one(step('q', { questions: [asks] }), step('both', { questions: [asks], checks: [exists('a')] })),
    );
    const at = s.at('q');
    expect(await s.checks.answer(s.ada, at, { question: 'question-1', choices: [1] })).toEqual({
      right: false,
      why: 'Three is the number of files.',
    });
    expect(await s.known('q')).toMatchObject({ state: 'not-done', tries: 1 });
    expect((await s.checks.answer(s.ada, at, { question: 'question-1', choices: [0] })).right).toBe(true);
    await s.until('q', 'done');
    await s.types('touch a');
    const half = await s.checks.check(s.ada, s.at('both'));
    expect(half).toMatchObject({
      state: 'not-done',
      message: 'a is there. The question is still to be answered.',
    });
    await s.checks.answer(s.ada, s.at('both'), { question: 'question-1', choices: [0] });
    await s.until('both', 'done');
    await expect(s.checks.answer(s.ada, at, { question: 'nope' })).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  it('an answer fence’s output is the answer', async () => {
    const answer = { ...fence('answer', 'echo $((6 * 7))'), kind: 'answer' as const };
    s = await school(one(step('q', { questions: [question('question-1', { kind: 'answer', answer })] })));
    expect((await s.checks.answer(s.ada, s.at('q'), { question: 'question-1', text: '41' })).right).toBe(
      false,
    );
    expect((await s.checks.answer(s.ada, s.at('q'), { question: 'question-1', text: ' 42.0 ' })).right).toBe(
      true,
    );
    await s.until('q', 'done');
  });
});

describe('reset', () => {
  it('undoes, gives the step’s files with what earlier steps inserted, sets up again, and is to do', async () => {
    const edit = (id: string, at: string, code: string) => ({ ...fence('edit', code), id, file: 'x.py', at });
    const a = step('a', { actions: [edit('edit-1', '# a', 'a = 1')] });
    const b = step('b', {
      actions: [edit('edit-2', '# b', 'b = 2')],
      checks: [checkFence('grep -q "b = 2" x.py || { echo "hint h"; echo no; exit 1; }; echo ok')],
      hints: [hint('h')],
      undos: [fence('undo', 'echo undone >> log')],
      setup: [fence('setup', 'echo set up >> log')],
    });
    s = await school(one(a, b), { files: { one: { 'x.py': '# a\n# b\n', 'other.py': 'o\n' } } });
    await s.checks.acted(s.ada, s.at('a'), 'edit-1');
    await s.until('a', 'done');
    await s.checks.check(s.ada, s.at('b'));
    await s.types('printf "broken\\nb = 2\\n" > x.py; echo mine > other.py');
    await s.until('b', 'done');
    const reset = await s.checks.reset(s.ada, s.at('b'));
    expect(reset).toMatchObject({ state: 'todo', message: '', tries: 0, hints: [], acted: [] });
    expect(await readFile(join(s.desk().home, 'x.py'), 'utf8')).toBe('# a\na = 1\n# b\n');
    expect(await readFile(join(s.desk().home, 'other.py'), 'utf8')).toBe('mine\n');
    expect(await readFile(join(s.desk().home, 'log'), 'utf8')).toBe('set up\nundone\nset up\n');
    expect(await s.checks.check(s.ada, s.at('b'))).toMatchObject({ state: 'not-done', tries: 1 });
    expect((await s.known('a')).state).toBe('done');
  });

  it('of a step that waits stops its clock; an undo that fails is said, and the step is to do all the same', async () => {
    const waits = checkFence('echo x >> runs; echo wait; exit 75', { waits: 60, every: 0.05 });
    s = await school(one(step('a', { checks: [waits], undos: [fence('undo', 'exit 1')] })));
    // by itself, once its agent was heard of
    await s.until('a', 'waiting');
    const reset = await s.checks.reset(s.ada, s.at('a'));
    expect(reset).toMatchObject({
      state: 'todo',
      message: expect.stringContaining(
        'This undo ended with exit status 1 (courses/tiny/lesson.md:1)',
      ) as string,
    });
    const runs = (await readFile(join(s.desk().home, 'runs'), 'utf8')).length;
    await aWhile(300);
    expect((await readFile(join(s.desk().home, 'runs'), 'utf8')).length).toBe(runs);
  });
});

describe('solution', () => {
  it('is shown with blanks filled, and noted', async () => {
    s = await school(
      one(step('a', { solutions: [fence('solution', 'echo {{user}}')], checks: [exists('a')] }), step('b')),
    );
    expect(await s.checks.solution(s.ada, s.at('a'))).toEqual({
      solutions: [{ lang: 'bash', code: 'echo ada' }],
    });
    expect((await s.known('a')).acted).toEqual(['solution']);
    await expect(s.checks.solution(s.ada, s.at('b'))).rejects.toMatchObject({ code: 'not-found' });
  });
});
