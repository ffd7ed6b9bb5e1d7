import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { courseCheck } from './build-check.ts';

const course = 'title: T\nsummary: S\naudience: A\nauthors: [N]\nlicence: CC-BY-4.0\nkit: base\nlessons: [1-a]\n';
const good = '---\ntitle: T\nminutes: 5\nquestions: [Q]\nobjectives: [O]\nkeypoints: [K]\n---\n\n## S\n\n```bash run\nls\n```\n';
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'palestra-build-check-'));
  await mkdir(join(folder, 'c/1-a'), { recursive: true });
  await writeFile(join(folder, 'c/course.yaml'), course);
});
afterEach(() => rm(folder, { recursive: true }));

async function build(lesson: string): Promise<void> {
  await writeFile(join(folder, 'c/1-a/lesson.md'), lesson);
  const begin = courseCheck(folder).hooks['astro:build:start'];
  if (typeof begin !== 'function') throw new Error('nothing is looked at before the build');
  await (begin as () => Promise<void>)();
}

describe('before a build', () => {
  it('courses without a mistake let it go on', async () => {
    await expect(build(good)).resolves.toBeUndefined();
  });
  it('a mistake in a lesson stops it, with file, line, expected, received and where to read', async () => {
    const failed = build(good.replace('bash run', 'bash rum'));
    await expect(failed).rejects.toThrow(/c\/1-a\/lesson\.md:11/);
    await expect(failed).rejects.toThrow(/expected: [^]*received: [^]*rum[^]*read: /);
  });
  it('all mistakes are told at once', async () => {
    const failed = build(good.replace('bash run', 'bash rum').replace('minutes: 5', 'minutes: soon'));
    await expect(failed).rejects.toThrow(/rum/);
    await expect(failed).rejects.toThrow(/minutes/);
  });
});
