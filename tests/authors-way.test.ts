/**
 * From nothing to a proven lesson: what `new` writes and what is imported goes through lint and prove, and whatever is
 * broken in it, prove stops at its step. Real agents without walls, and a kit that is a folder.
 */
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { importInto, lint, newCourse, newLesson } from '../sandbox-server/authoring/index.ts';
import { loadCatalogue } from '../sandbox-server/catalogue/load.ts';
import { prove } from '../sandbox-server/checks/prove/index.ts';
import { bashKit } from '../sandbox-server/checks/prove/testing/bash-kit.ts';
import { noServices } from '../sandbox-server/checks/prove/testing/no-services.ts';
import type { Driver } from '../sandbox-server/sandboxes/driver.ts';
import { createLinks, temporaryTicketKeys } from '../sandbox-server/sandboxes/link/index.ts';
import { createMemoryDriver } from '../sandbox-server/sandboxes/memory/driver.ts';

const SLOW = { timeout: 120_000 };
const keys = temporaryTicketKeys();
let driver: Driver;
let root: string;
beforeAll(async () => {
  driver = await createMemoryDriver({ trust: { keys: [...keys.publicKeys()] } });
});
afterAll(() => driver.close());
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'authors-way-'));
});
afterEach(() => rm(root, { recursive: true }));

async function put(path: string, text: string): Promise<string> {
  const file = join(root, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  return file;
}
async function change(path: string, from: string | RegExp, to: string): Promise<void> {
  const before = await readFile(join(root, path), 'utf8');
  const after = before.replace(from, to);
  expect(after).not.toBe(before);
  await writeFile(join(root, path), after);
}
const errorsOfLint = async () =>
  (await lint({ root, paths: [] })).findings.filter(({ level }) => level === 'error');
async function proven(mutate = false) {
  const { lessons } = await prove({
    catalogue: await loadCatalogue(join(root, 'courses')),
    driver: { ...driver, lend: () => Promise.resolve({ endpoints: [], env: {} }) },
    linkTo: createLinks({ sign: keys.sign }),
    kits: bashKit,
    services: noServices(),
    identity: undefined,
    lessons: [],
    json: true,
    keep: false,
    mutate,
    update: false,
    jobs: 1,
    log: () => undefined,
  });
  return lessons;
}
/** The steps of the only lesson, and why it does not hold. */
async function broken() {
  const [lesson] = await proven();
  return { steps: lesson?.steps.map(({ id, status }) => `${id} ${status}`), reason: lesson?.reason ?? '' };
}

describe('what new writes', SLOW, () => {
  const LESSON = 'courses/mine/1-first/lesson.md';
  beforeEach(() => newCourse({ root, name: 'mine', title: 'Mine', kit: 'base' }));

  it('has nothing for lint and proves, and its check notices every broken solution', async () => {
    await newLesson({ root, course: 'mine', name: 'second', title: 'A second' });
    expect((await lint({ root, paths: [] })).findings).toEqual([]);
    const lessons = await proven(true);
    expect(lessons.map(({ id, status, reason }) => [id, status, reason])).toEqual([
      ['mine/1-first', 'proven', undefined],
      ['mine/2-second', 'proven', undefined],
    ]);
    for (const { mutation } of lessons) expect(mutation.noticed).toBe(mutation.tried);
    expect(lessons[0]?.mutation.tried).toBeGreaterThan(0);
  });

  it.each([
    ['a solution that does something else', 'print sum }', 'print sum + 1 }', 'not content after its step'],
    ['a solution that is away', /awk '\{ sum[^\n]*/, 'false', 'last output'],
    ['a check that cannot fail', /```bash check\n/, '```bash check\necho Fine.; exit 0\n', 'it cannot fail'],
    ['a check that is never content', '[ "$said" = "$sum" ]', 'false', 'not content after its step'],
    ['a check that says nothing', /```bash check\n/, '```bash check\nexit 1\n', 'said nothing'],
    ['a mistake that is not told apart', 'echo "hint counted"; ', '', 'hint'],
    ['an undo that fails', 'rm -f first', 'exit 1 # first', 'undo'],
  ])('is red at its step with %s', async (_what, from, to, words) => {
    await change(LESSON, from, to);
    const { steps, reason } = await broken();
    expect(steps).toEqual(['keep-the-sum failed']);
    expect(reason).toContain(words);
  });
});

describe('what is imported', SLOW, () => {
  it('a Killercoda scenario has no error for lint, and proves by its own verify scripts', async () => {
    await put('src/s/one.md', 'Make a file:\n\n`touch a.txt`{{exec}}\n');
    await put('src/s/two.md', 'And one beside it.\n\n```plain\ncp a.txt b.txt\n```{{exec}}\n');
    await put('src/s/one.sh', '#!/bin/bash\n[ -e ~/a.txt ]\n');
    await put('src/s/two.sh', '#!/bin/bash\n[ -e ~/b.txt ]\n');
    const steps = [
      { title: 'Make', text: 'one.md', verify: 'one.sh' },
      { title: 'Copy', text: 'two.md', verify: 'two.sh' },
    ];
    await put('src/s/index.json', JSON.stringify({ title: 'Files', details: { steps } }));
    const { id } = await importInto({ root, path: join(root, 'src/s'), course: 'c' });
    expect(await errorsOfLint()).toEqual([]);
    expect(await broken()).toEqual({ steps: ['make proven', 'copy proven'], reason: '' });
    await change(`courses/${id}/lesson.md`, 'cp a.txt b.txt', 'cp a.txt c.txt');
    expect((await broken()).steps).toEqual(['make proven', 'copy failed']);
  });

  it('a notebook has no error for lint, is red at its first draft check, and proves once that is written', async () => {
    const cell = (cell_type: string, source: string, outputs: unknown[] = []) => ({
      cell_type,
      metadata: {},
      source,
      ...(cell_type === 'code' ? { execution_count: 1, outputs } : {}),
    });
    const printed = { output_type: 'stream', name: 'stdout', text: ['3\n'] };
    const cells = [
      cell('markdown', '# Sums\n\n## Add'),
      cell('code', '%%bash\necho $((1 + 2)) | tee sum.txt', [printed]),
    ];
    const path = await put(
      'src/sums.ipynb',
      JSON.stringify({ cells, metadata: {}, nbformat: 4, nbformat_minor: 5 }),
    );
    const { id } = await importInto({ root, path, course: 'c', kit: 'base' });
    expect(await errorsOfLint()).toEqual([]);
    const draft = await broken();
    expect(draft.steps).toEqual(['add failed']);
    expect(draft.reason).toContain('This check is a draft');
    await change(
      `courses/${id}/lesson.md`,
      /```bash check\n[^]*?\n```/,
      '```bash check\n[ -e sum.txt ] || { echo "There is no sum."; exit 1; }\necho "The sum is there."\n```',
    );
    expect(await broken()).toEqual({ steps: ['add proven'], reason: '' });
  });
});

describe('another version of a kit', SLOW, () => {
  it('is red at the step, and the line, that no longer holds', async () => {
    const tool = await put('kit/bin/tool', '#!/bin/sh\necho "tool 1.0"\n');
    await chmod(tool, 0o755);
    await newCourse({ root, name: 'mine', title: 'Mine', kit: 'base' });
    const head = '---\ntitle: T\nminutes: 5\n---\n\n';
    const first = '## Make\n\n```bash run\ntouch a.txt\n```\n\n';
    const shows = `## Ask\n\n\`\`\`bash run\n${tool}\n\`\`\`\n\n\`\`\`text output\ntool 1.0\n\`\`\`\n`;
    await put('courses/mine/1-first/lesson.md', head + first + shows);
    expect(await broken()).toEqual({ steps: ['make proven', 'ask proven'], reason: '' });
    await writeFile(tool, '#!/bin/sh\necho "tool 2.0"\n');
    const { steps, reason } = await broken();
    expect(steps).toEqual(['make proven', 'ask failed']);
    expect(reason).toMatch(/at mine\/1-first\/lesson\.md:18\n[^]*- tool 1\.0\n {2}\+ tool 2\.0/);
  });
});
