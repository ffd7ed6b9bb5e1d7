import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { watchSaves, type Saves } from './watch-saves.ts';

let root: string;
let watching: Disposable;
let seen: Saves[];
let goOn: () => void;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'saves-'));
  for (const folder of [
    'courses/lake/1-look',
    'courses/sea',
    'site/src/content/docs/guides',
    'site/src/content/docs/it/guides',
  ])
    await mkdir(join(root, folder), { recursive: true });
  seen = [];
  const gate = Promise.withResolvers<void>();
  goOn = gate.resolve;
  watching = watchSaves(root, async (saves) => {
    seen.push(saves);
    await gate.promise;
  });
});
afterEach(async () => {
  watching[Symbol.dispose]();
  await rm(root, { recursive: true });
});
const put = (path: string, text = 'x') => writeFile(join(root, path), text);
const named = () => seen.map(({ courses, guides, site }) => [[...courses].sort(), guides, site]);

it('a save in several strokes is one, by course; what an editor leaves beside it is none', async () => {
  goOn();
  await put('courses/lake/1-look/.lesson.md.swp');
  await put('courses/lake/1-look/lesson.md~');
  await put('courses/lake/1-look/new');
  await rename(join(root, 'courses/lake/1-look/new'), join(root, 'courses/lake/1-look/lesson.md'));
  await vi.waitUntil(() => seen.length > 0);
  expect(named()).toEqual([[['lake'], false, false]]);
  expect(Math.abs((seen[0]?.at ?? 0) - Date.now())).toBeLessThan(60_000);
});

it('what is saved during the work is put together for its next', async () => {
  await put('courses/lake/1-look/lesson.md');
  await vi.waitUntil(() => seen.length === 1);
  await put('courses/sea/course.yaml');
  await put('site/src/a.css');
  await new Promise((done) => setTimeout(done, 200));
  expect(seen.length).toBe(1);
  goOn();
  await vi.waitUntil(() => seen.length === 2);
  expect(named()[1]).toEqual([['sea'], false, true]);
});

it('a guide is told from the rest of the site: its text needs no build; its translation does', async () => {
  goOn();
  await put('site/src/content/docs/guides/look.md');
  await vi.waitUntil(() => seen.length === 1);
  await put('site/src/content/docs/it/guides/look.md');
  await vi.waitUntil(() => seen.length === 2);
  expect(named()).toEqual([
    [[], true, false],
    [[], false, true],
  ]);
});
