import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readKits, type KitDefinition } from './kit-file.ts';
import { withPrograms } from './own-programs.ts';

const KITS = join(import.meta.dirname, '../../../../infra/kits');
const COURSE = 'title: T\nsummary: S\naudience: A\nauthors: [A]\nlicence: CC-BY-4.0\nlessons: [1-a]\n';
const lesson = (body: string) => `---\ntitle: T\nminutes: 5\n---\n\n${body}\n`;

/** A home far from the checkout and its packages. */
let home: string;
let kits: readonly KitDefinition[];
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'own-programs-'));
  kits = await withPrograms(await readKits(KITS));
  const { files } = kits.find(({ name }) => name === 'authors') ?? expect.fail();
  for (const { path, content, executable } of files) await put(path, content, executable ? 0o755 : 0o644);
  await put('courses/mine/course.yaml', COURSE);
});
afterAll(() => rm(home, { recursive: true, force: true }));

async function put(path: string, content: string, mode = 0o644): Promise<void> {
  await mkdir(dirname(join(home, path)), { recursive: true });
  await writeFile(join(home, path), content, { mode });
}

/** By the node that runs this test, as without walls. */
const palestra = (cwd: string, ...args: string[]) =>
  new Promise<{ exit: unknown; said: string }>((resolve) => {
    const env = { PATH: `${dirname(process.execPath)}:/usr/bin:/bin` };
    execFile(join(home, 'bin/palestra'), args, { cwd, env }, (error, stdout, stderr) =>
      resolve({ exit: error?.code ?? 0, said: stdout + stderr }),
    );
  });

describe('a program of ours in a kit', () => {
  it('lints where there is no checkout: red for what is wrong, green for what is not', async () => {
    await put('courses/mine/1-a/lesson.md', lesson('[Gone](/guides/gone/)'));
    const inside = join(home, 'courses/mine');
    expect(await palestra(inside, 'lint', '.')).toMatchObject({
      exit: 1,
      said: expect.stringContaining('dead-link') as string,
    });
    await put('courses/mine/1-a/lesson.md', lesson('Here.'));
    expect(await palestra(home, 'lint', 'mine', '--json')).toMatchObject({
      exit: 0,
      said: expect.stringContaining('"findings": []') as string,
    });
    expect((await palestra('/', 'lint')).said).toContain('palestra: There is no folder courses/');
  });

  it('is small enough to be in every home that asks for it, and in no other', () => {
    const bytes = (name: string) =>
      kits.find((kit) => kit.name === name)?.files.reduce((sum, file) => sum + file.content.length, 0);
    expect(bytes('authors')).toBeLessThan(4_000_000);
    expect(bytes('base')).toBe(0);
  });
});
