import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadCatalogue } from '../../catalogue/load.ts';
import { ServiceAddress, VerbAnswer } from '../../contract/service.ts';
import type { Driver } from '../../sandboxes/driver.ts';
import { createLinks, temporaryTicketKeys } from '../../sandboxes/link/index.ts';
import { createMemoryDriver } from '../../sandboxes/memory/driver.ts';
import type { ProofIdentity, ProofServices } from './belongings.ts';
import { prove, ProveReport, type Progress } from './index.ts';
import { bashKit } from './testing/bash-kit.ts';
import { noServices } from './testing/no-services.ts';

const fence = (info: string, ...code: string[]) => `\`\`\`${info}\n${code.join('\n')}\n\`\`\`\n\n`;
const lesson = (body: string, needs = '') => `---\ntitle: A lesson\nminutes: 5\n${needs}---\n${body}`;

/** One lesson with every way a step can be done. */
const WHOLE = [
  fence('bash setup', 'echo "$PALESTRA_SEED" > seed.txt'),
  '## Type it\n\n',
  fence('bash run', 'cp seed.txt copy.txt', 'test -s copy.txt'),
  fence(
    'bash check',
    'cmp -s seed.txt copy.txt || { echo "There is no copy."; exit 1; }',
    'echo "fact length=$(wc -c < copy.txt | tr -d " ")"',
    'echo "The copy is there."',
  ),
  '## Edit it\n\n',
  fence('bash edit file=given.sh at="# here"', 'echo "{{user}}" > edited.txt'),
  fence('bash run', 'bash given.sh'),
  fence(
    'bash check',
    '. "$PALESTRA_FIXTURES/words.sh"',
    '[ "$(cat edited.txt)" = "$PALESTRA_USER" ] || { no_edit; exit 1; }',
    'echo "Edited."',
  ),
  '## Fail\n\n',
  fence('bash run fails', 'test "{{fact:length}}" = 0'),
  fence('bash run example', 'rm -rf EVERYTHING'),
  '## Keep it running\n\n',
  fence(
    'bash run terminal=clock until="test -s ticks.txt"',
    'while sleep 0.2; do echo tick >> ticks.txt; done',
  ),
  fence(
    'bash check waits=20s every=1s',
    '[ -e ticks.txt ] || { echo "No clock runs."; exit 1; }',
    '[ "$(wc -l < ticks.txt)" -gt 9 ] || { echo "progress $(wc -l < ticks.txt) 10 ticks"; echo "Too few ticks."; exit 75; }',
    'echo "Ten ticks."',
  ),
  '## Stop it\n\n',
  fence('bash run stop=clock'),
  ':::question[Does it run?]\n- [ ] yes\n- [x] no\n:::\n\n',
  '## Be solved\n\n',
  fence('sh check', '[ -e solved.txt ] || { echo "Not solved."; exit 1; }', 'echo "Solved."'),
  fence('bash solution', 'where=.', 'touch "$where/solved.txt"'),
].join('');

let root: string;
let driver: Driver;
const keys = temporaryTicketKeys();
beforeAll(async () => {
  driver = await createMemoryDriver({ trust: { keys: [...keys.publicKeys()] } });
});
afterAll(() => driver.close());
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'prove-'));
  await put(
    'tiny/course.yaml',
    'title: T\nsummary: S\naudience: A\nauthors: [A]\nlicence: CC-BY-4.0\nlessons: [1-whole]\n',
  );
  await put('tiny/fixtures/words.sh', 'no_edit() { echo "It was not edited."; }\n');
  await put('tiny/1-whole/files/given.sh', '# here\n');
  await put('tiny/1-whole/lesson.md', lesson(WHOLE));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}
const said: string[] = [];
async function run(
  lessons: string[] = [],
  more: {
    keep?: boolean;
    json?: boolean;
    services?: ProofServices;
    identity?: ProofIdentity;
    mutate?: boolean;
    update?: boolean;
    jobs?: number;
    onProgress?: (progress: Progress) => void;
  } = {},
): Promise<ProveReport> {
  said.length = 0;
  const report = await prove({
    catalogue: await loadCatalogue(root),
    // sandboxes of the memory driver have no names of services: what they are lent here has no endpoints
    driver: { ...driver, lend: () => Promise.resolve({ endpoints: [], env: {} }) },
    linkTo: createLinks({ sign: keys.sign }),
    kits: bashKit,
    services: more.services ?? noServices(),
    identity: more.identity,
    lessons,
    json: more.json ?? false,
    keep: more.keep ?? false,
    mutate: more.mutate ?? false,
    update: more.update ?? false,
    jobs: more.jobs ?? 1,
    ...(more.onProgress && { onProgress: more.onProgress }),
    log: (line) => void said.push(line),
  });
  return ProveReport.parse(report);
}
describe('prove', () => {
  it('replays a lesson as a learner would and finds it to hold', async () => {
    const { lessons, failed, driver: name } = await run();
    expect(lessons[0]?.reason).toBeUndefined();
    expect({ failed, name }).toEqual({ failed: 0, name: 'memory' });
    expect(lessons).toMatchObject([
      {
        id: 'tiny/1-whole',
        status: 'proven',
        kit: 'base',
        versions: { bash: '5.2' },
        mutation: { noticed: 0, tried: 0 },
      },
    ]);
    expect(lessons[0]?.steps.map(({ id, status, message }) => [id, status, message])).toEqual([
      ['type-it', 'proven', 'The copy is there.'],
      ['edit-it', 'proven', 'Edited.'],
      ['fail', 'proven', undefined],
      ['keep-it-running', 'proven', 'Ten ticks.'],
      ['stop-it', 'proven', undefined],
      ['be-solved', 'proven', 'Solved.'],
    ]);
    expect(said.join('\n')).toMatch(/tiny\/1-whole \(kit base\)\n {2}ok {5}type-it/);
    expect(await driver.list()).toEqual([]);
  });

  it('says nothing where a program reads the report', async () => {
    await put('tiny/1-whole/lesson.md', lesson(`## A\n\n${fence('bash run', 'true')}`));
    expect((await run([], { json: true })).failed).toBe(0);
    expect(said).toEqual([]);
  });

  it('takes courses and lessons by name, and refuses others with what there is', async () => {
    await expect(run(['tiny/2-none'])).rejects.toThrow(
      "There is no course or lesson 'tiny/2-none'. There are: tiny/1-whole.",
    );
    await put('tiny/1-whole/lesson.md', lesson(`## A\n\n${fence('bash run', 'true')}`));
    expect((await run(['tiny', 'tiny/1-whole'])).lessons).toHaveLength(1);
  });

  it('replays what comes before as *Prepare* does, and learns the facts stated there', async () => {
    await put(
      'tiny/course.yaml',
      'title: T\nsummary: S\naudience: A\nauthors: [A]\nlicence: CC-BY-4.0\nlessons: [1-whole, 2-next]\n',
    );
    await put(
      'tiny/1-whole/lesson.md',
      lesson(
        `## A\n\n${fence('bash run', 'echo 4 > n.txt')}${fence('bash solution', 'echo 5 > n.txt')}${fence('bash check', '[ -e n.txt ] || { echo no; exit 1; }', 'echo "fact n=$(cat n.txt)"', 'echo yes')}`,
      ),
    );
    await put(
      'tiny/2-next/lesson.md',
      lesson(
        `## B\n\n${fence('bash run', 'test {{fact:n}} = 5 && cp n.txt m.txt')}${fence('bash check', 'test -e m.txt || { echo no; exit 1; }', 'echo yes')}`,
        'needs: { after: [1-whole] }\n',
      ),
    );
    const { lessons } = await run(['tiny/2-next']);
    expect(lessons).toMatchObject([{ id: 'tiny/2-next', status: 'proven' }]);
  });

  it('skips what needs a service that is not here, and fails what needs a kit that is not', async () => {
    await put(
      'tiny/1-whole/lesson.md',
      lesson(`## A\n\n${fence('bash run', 'true')}`, 'needs: { services: [lake] }\n'),
    );
    expect(await run()).toMatchObject({
      failed: 0,
      lessons: [{ status: 'skipped', reason: 'It needs lake, which this machine does not offer.' }],
    });
    await put(
      'tiny/1-whole/lesson.md',
      lesson(`## A\n\n${fence('bash run', 'true')}`, 'needs: { kit: gone }\n'),
    );
    expect(await run()).toMatchObject({
      failed: 1,
      lessons: [{ status: 'failed', reason: 'Problem: No kit gone.' }],
    });
  });

  it('gives a lesson its services and tokens, under a name that no proof had, and leaves nothing there', async () => {
    const asked: string[] = [];
    let closed = false;
    let state: 'up' | 'down' | 'partly' = 'down';
    const services: ProofServices = {
      get: (name) => ({
        name,
        title: 'Lake',
        summary: '',
        admits: true,
        verbs: [],
        state: 'unknown',
        text: '',
      }),
      status: () =>
        Promise.resolve({ state, parts: [{ name: 'napoli', ok: false, found: 'does not run', todo: '' }] }),
      ready: (name) => Promise.resolve(void asked.push(`ready ${name}`)),
      admit: (_name, { login, subject }) => {
        asked.push(`admit ${login} ${subject}`);
        return Promise.resolve({ account: login });
      },
      dismiss: (_name, login) => Promise.resolve(void asked.push(`dismiss ${login}`)),
      address: () =>
        Promise.resolve(ServiceAddress.parse({ ca: null, endpoints: [], env: { LAKE: 'at-{{user}}' } })),
      call: (_name, verb, login) => {
        asked.push(`${verb.name} ${login}`);
        if (verb.name === 'close') closed = true;
        return Promise.resolve(
          VerbAnswer.parse({ said: closed ? 'Closed.' : 'Open.', exit: closed ? 0 : 1 }),
        );
      },
    };
    const identity: ProofIdentity = {
      subject: (login) => Promise.resolve(`sub-${login}`),
      token: (login, audience, scope) =>
        Promise.resolve({ token: `${login} ${audience} ${scope}`, expiresAt: Date.now() + 1_200_000 }),
    };
    await put(
      'tiny/1-whole/lesson.md',
      lesson(
        [
          '## Look\n\n',
          fence('text setup as=lake', 'close door=front'),
          fence('bash run', 'cp $BEARER_TOKEN_FILE mine; echo " $LAKE" >> mine'),
          fence('text check as=lake already="it was closed for them"', 'is-closed'),
          fence(
            'bash check',
            '[ "$(cat mine)" = "$PALESTRA_USER rucio cnaf storage.create:/user/$PALESTRA_USER at-$PALESTRA_USER" ] || { echo "No token: $(cat mine)"; exit 1; }',
            'echo "Mine."',
          ),
        ].join(''),
        'needs:\n  services: [lake]\n  tokens: [{ audience: rucio cnaf, scope: "storage.create:/user/{{user}}" }]\n',
      ),
    );
    const first = await run([], { services, identity });
    expect(first.lessons[0]?.reason).toBeUndefined();
    const login = /^admit (prove[0-9a-f]{12}) sub-prove/.exec(asked[1] ?? '')?.[1] ?? expect.fail();
    expect(asked).toEqual([
      'ready lake',
      `admit ${login} sub-${login}`,
      `close ${login}`,
      `is-closed ${login}`,
      `is-closed ${login}`,
      `dismiss ${login}`,
    ]);
    state = 'up';
    asked.length = 0;
    await run([], { services, identity });
    expect(asked[0]).toMatch(/^admit prove/);
    expect(asked.join(' ')).not.toContain(login);

    // what is broken is not mended behind the proof's back
    state = 'partly';
    expect((await run([], { services, identity })).lessons[0]).toMatchObject({
      status: 'failed',
      reason: 'Problem: lake runs in part, so nothing is proven on it. napoli: does not run.',
    });
    state = 'up';
    expect((await run([], { services })).lessons[0]?.reason).toContain('needs somebody who is signed in');
  });

  it('keeps the sandbox of a failed lesson where it is asked to', async () => {
    await put('tiny/1-whole/lesson.md', lesson(`## A\n\n${fence('bash run', 'false')}`));
    await run([], { keep: true });
    const [kept] = await driver.list();
    expect(said.join('\n')).toContain(`its sandbox runs on, as lab ${kept?.lab ?? 'none'}`);
    await driver.release(kept?.lab ?? '');
  });

  it('fails where a solution is broken: the check stays red after it, and what comes later is skipped', async () => {
    const broken = WHOLE.replace('/solved.txt', '/sloved.txt');
    await put(
      'tiny/1-whole/lesson.md',
      lesson(`${broken}## Later\n\n${fence('bash run', 'touch later.txt')}`),
    );
    const { failed, lessons } = await run();
    expect(failed).toBe(1);
    expect(lessons[0]?.reason).toMatch(
      /^step be-solved \(seed [0-9a-f]{16}\): This check is not content after its step\.\nat tiny\/1-whole\/lesson\.md:\d+\nlast output:\n {2}Not solved\.$/,
    );
    expect(lessons[0]?.steps.slice(-2)).toMatchObject([
      { id: 'be-solved', status: 'failed' },
      { id: 'later', status: 'skipped' },
    ]);
    expect(said.join('\n')).toContain('  FAILED be-solved');
  });

  it('proves a solution that was not needed in a home where it is', { timeout: 90_000 }, async () => {
    const solved = (solution: string) =>
      lesson(
        [
          '## Write\n\n',
          fence('bash run', 'echo 1 > n.txt'),
          fence('bash check', '[ "$(cat n.txt)" = 1 ] || { echo "No 1."; exit 1; }', 'echo "One."'),
          fence('bash solution', solution),
        ].join(''),
      );
    await put('tiny/1-whole/lesson.md', solved('echo 1 > n.txt'));
    expect((await run()).failed).toBe(0);
    expect(said.join('\n')).toContain('again, by the solution alone: write');

    await put('tiny/1-whole/lesson.md', solved('echo 2 > n.txt'));
    // typed after the right command it is not idle: the check sees it
    expect((await run()).lessons[0]?.reason).toContain('not content after its step');

    await put('tiny/1-whole/lesson.md', solved('true'));
    expect((await run()).lessons[0]?.reason).toMatch(/^by its solution alone, step write[^]*No 1\./);
  });

  it('tries what is wrong also where an edit makes the file', { timeout: 90_000 }, async () => {
    const body = [
      '## Make\n\n',
      fence('bash edit file=made.txt', '1'),
      fence(
        'bash check',
        '[ -e made.txt ] || { echo "No file."; exit 1; }',
        '[ "$(cat made.txt)" = 1 ] || { echo "hint two"; echo "It is not 1."; exit 1; }',
        'echo "One."',
      ),
      fence('bash wrong hint=two', 'echo 2 > made.txt'),
      fence('bash undo', 'rm -f made.txt'),
      ':::hint[Not 1]{#two}\nIt should be 1.\n:::\n\n',
    ];
    await put('tiny/1-whole/lesson.md', lesson(body.join('')));
    expect((await run()).lessons[0]?.reason).toBeUndefined();
    expect(said.join('\n')).toContain('again, by the solution alone: make');
  });

  it('proves the solution of an edit before the commands that follow it', { timeout: 90_000 }, async () => {
    const edited = (solution: string) =>
      lesson(
        [
          '## Edit\n\n',
          fence('bash edit file=given.sh at="# here"', 'echo "{{user}}" > edited.txt'),
          fence('bash run', 'bash given.sh'),
          fence('bash check', '[ -s edited.txt ] || { echo "Not edited."; exit 1; }', 'echo "Edited."'),
          fence('bash solution', solution),
        ].join(''),
      );
    await put(
      'tiny/1-whole/lesson.md',
      edited('grep -q edited given.sh || echo "echo x > edited.txt" >> given.sh'),
    );
    expect((await run()).lessons[0]?.reason).toBeUndefined();
    await put('tiny/1-whole/lesson.md', edited('grep -q edited given.sh || echo "# nothing" >> given.sh'));
    expect((await run()).lessons[0]?.reason).toMatch(/^by its solution alone, step edit[^]*Not edited\./);
  });
});

describe('broken on purpose', { timeout: 90_000 }, () => {
  const made = (check: string) =>
    lesson(
      [
        '## Make\n\n',
        fence('text edit file=a.txt', 'one', 'two'),
        fence('bash run', 'cat a.txt b.txt > c.txt; true'),
        fence('bash solution', 'cat a.txt a.txt > b.txt; cat a.txt b.txt > c.txt'),
        fence('bash check', check, 'echo "Made."'),
        '## Look\n\n',
        fence('bash run', 'ls'),
        '## Alone\n\n',
        fence('bash check', '[ -e d.txt ] || { echo "No d."; exit 1; }', 'echo "There."'),
        fence('bash solution', 'touch d.txt'),
      ].join(''),
    );

  it('is noticed by checks that look at all that was asked for', async () => {
    await put(
      'tiny/1-whole/lesson.md',
      made(
        '[ "$(wc -l < b.txt)" = 4 ] && [ "$(cat c.txt | wc -l)" = 6 ] || { echo "Not yet all."; exit 1; }',
      ),
    );
    const { lessons, failed } = await run([], { mutate: true, jobs: 2 });
    expect(lessons[0]?.reason).toBeUndefined();
    // edit and solution left out and cut; the last solution left out: what it writes is empty and cannot be cut
    expect(lessons[0]?.mutation).toEqual({ noticed: 5, tried: 5 });
    expect(failed).toBe(0);
    expect(said.join('\n')).toContain('5 of 5 broken ways were noticed');
    expect(said).toContain('  swapped: step alone is content without step look: either order will do');
    expect(await driver.list()).toEqual([]);
  });

  it('tells of steps in the other order whether it is noticed, and only tells', async () => {
    await put(
      'tiny/1-whole/lesson.md',
      [
        '---\ntitle: Two\nminutes: 5\n---\n',
        '## Make\n\n',
        fence('bash check', '[ -s a.txt ] || { echo "No a."; exit 1; }', 'echo "There."'),
        fence('bash solution', 'echo a > a.txt'),
        '## Copy\n\n',
        fence('bash check', '[ -s b.txt ] || { echo "No b."; exit 1; }', 'echo "There."'),
        fence('bash solution', 'cp a.txt b.txt'),
        '## Run\n\n',
        fence('bash run terminal=stays until="[ -e up ]"', 'touch up; sleep 600'),
        fence('bash check', '[ -e up ] || { echo "Not up."; exit 1; }', 'echo "Up."'),
        fence('bash solution', 'touch up'),
        '## Stop\n\n',
        // without the step before there is no such terminal: what a learner is refused ends no proof
        fence('bash run stop=stays'),
        fence('bash check', '[ -e noted ] || { echo "Not noted."; exit 1; }', 'echo "Stopped."'),
        fence('bash solution', 'touch noted'),
      ].join(''),
    );
    const { lessons, failed } = await run([], { mutate: true, jobs: 2 });
    expect(lessons[0]?.reason).toBeUndefined();
    expect(failed).toBe(0);
    expect(said.filter((line) => line.includes('swapped'))).toEqual([
      '  swapped: step copy before step make is noticed',
      '  swapped: step run is content without step copy: either order will do',
      '  swapped: step stop is content without step run: either order will do',
    ]);
    expect(await driver.list()).toEqual([]);
  });

  it('fails a lesson where something is left out and nobody notices, and warns where it is cut', async () => {
    await put('tiny/1-whole/lesson.md', made('[ -e b.txt ] || { echo "No b."; exit 1; }'));
    const { lessons, failed } = await run([], { mutate: true, jobs: 3 });
    expect(failed).toBe(1);
    expect(lessons[0]?.reason).toMatch(
      /^The check is content with step make: the edit at tiny\/1-whole\/lesson\.md:\d+ left out\.$/,
    );
    expect(lessons[0]?.mutation).toMatchObject({ noticed: 2, tried: 5 });
    expect(lessons[0]?.mutation.missed).toHaveLength(3);
    expect(said.join('\n')).toMatch(/warning: less than 90 %\n {2}unnoticed: step make: the edit/);
  });
});

describe('what a command prints, which the lesson shows', () => {
  const greeting = (shown: string, front = '') =>
    lesson(
      `## A\n\n${fence('bash run', 'echo "I am $USER"', 'echo "it took $RANDOM ms"')}${fence('text output', shown)}`,
      front,
    );
  const MASK = "mask: ['[0-9]+ ms']\n";

  it('holds where it is the same but for the learner and what is masked', async () => {
    await put('tiny/1-whole/lesson.md', greeting('I am {{user}}\nit took 3 ms', MASK));
    expect((await run()).lessons[0]?.reason).toBeUndefined();
  });

  it('fails the lesson at its line where it differs, with the difference', async () => {
    await put('tiny/1-whole/lesson.md', greeting('I was {{user}}\nit took … ms', MASK));
    const [report] = (await run()).lessons;
    expect(report?.status).toBe('failed');
    expect(report?.reason).toMatch(
      /The command does not print this any more\..*\nat tiny\/1-whole\/lesson\.md:13\n/,
    );
    expect(report?.reason).toContain(
      'difference:\n  - I was prover\n  - it took … ms\n  + I am prover\n  + it took …',
    );
    expect(report?.steps[0]?.place).toEqual({ file: 'tiny/1-whole/lesson.md', line: 13 });
    expect(report?.outputs).toBeUndefined();
  });

  it('with update is proposed, blanks and masks in their places, and the rest is proven', async () => {
    await put('tiny/1-whole/lesson.md', greeting('', MASK));
    const [report] = (await run([], { update: true })).lessons;
    expect(report).toMatchObject({
      status: 'proven',
      outputs: [{ run: 'run-1', place: { line: 13 }, text: 'I am {{user}}\nit took …' }],
    });
  });

  it('is compared in every step, also after a command that is meant to fail', async () => {
    const failing = fence('bash run fails', 'printf "a\\n\\nb"; false');
    await put('tiny/1-whole/lesson.md', lesson(`## A\n\n${failing}${fence('text output', 'a', '', 'b')}`));
    expect((await run()).lessons[0]?.reason).toBeUndefined();
    await put('tiny/1-whole/lesson.md', lesson(`## A\n\n${failing}${fence('text output', 'a', 'b')}`));
    expect((await run()).lessons[0]?.reason).toContain('does not print this any more');
  });
});

describe('side by side', () => {
  it('two lessons are played at once, what each says stays together, and how far it is is told', async () => {
    await put(
      'tiny/course.yaml',
      'title: T\nsummary: S\naudience: A\nauthors: [A]\nlicence: CC-BY-4.0\nlessons: [1-whole, 2-b]\n',
    );
    for (const id of ['1-whole', '2-b'])
      await put(`tiny/${id}/lesson.md`, lesson(`## A\n\n${fence('bash run', 'sleep 0.5')}`));
    const told: Progress[] = [];
    const { failed } = await run([], { jobs: 2, onProgress: (progress) => told.push(progress) });
    expect(failed).toBe(0);
    expect(told).toContainEqual({ done: 0, all: 2, playing: ['tiny/1-whole', 'tiny/2-b'] });
    expect(told.at(-1)).toEqual({ done: 2, all: 2, playing: [] });
    const lines = said.map((line) => line.trim().split(' ')[0]);
    expect(lines.slice(0, 3)).toEqual([expect.stringMatching(/^tiny\//), 'ok', 'proven']);
    expect(lines.slice(3)).toEqual([expect.stringMatching(/^tiny\//), 'ok', 'proven', '2']);
  });
});
