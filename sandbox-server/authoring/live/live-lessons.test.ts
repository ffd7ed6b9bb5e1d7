import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openLiveCatalogue } from '../../catalogue/live.ts';
import { openLiveGuides } from '../../catalogue/live-guides.ts';
import type { AuthoringNews } from '../../contract/authoring.ts';
import { Problem } from '../../contract/errors.ts';
import { createLiveLessons, type LiveLessons } from './live-lessons.ts';

const COURSE = (title: string) =>
  `title: ${title}\nsummary: What a lake is.\naudience: Everyone\nauthors: [A. Author]\nlicence: CC-BY-4.0\nlessons: [1-look]\n`;
const lesson = (check: string) =>
  `---\ntitle: Look\nminutes: 5\n---\n## Look\n\n\`\`\`bash run\nls\n\`\`\`\n\n\`\`\`bash check\n${check}\n\`\`\`\n`;

const guide = (text: string, title = 'Copy') =>
  `---\ntitle: ${title}\nkit: base\n---\n${text}\n\n## Look\n\n\`\`\`bash\nls\n\`\`\`\n\n\`\`\`bash check\necho ${text}\n\`\`\`\n`;
const GUIDE = '../site/src/content/docs/guides/copy.md';

let checkout: string;
/** of the courses */
let root: string;
let live: LiveLessons;
let news: AuthoringNews[];
let said: string[];
let renewed: unknown[];
let builds: PromiseWithResolvers<void>[];
const put = async (path: string, text: string) => {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
};
beforeEach(async () => {
  checkout = await mkdtemp(join(tmpdir(), 'checkout-'));
  root = join(checkout, 'courses');
  await put(GUIDE, guide('one'));
  await put('lake/course.yaml', COURSE('A lake'));
  await put('lake/1-look/lesson.md', lesson('echo yes'));
  [news, said, renewed, builds] = [[], [], [], []];
  // one is made at once, to be quick at the first save
  let made = -1;
  live = createLiveLessons({
    catalogue: await openLiveCatalogue(root),
    guides: await openLiveGuides(checkout),
    maker: { make: (file) => Promise.resolve(`${relative(root, file)} ${String((made += 1))}`) },
    renew: (...args) => Promise.resolve(void renewed.push(args)),
    build: () => {
      const build = Promise.withResolvers<void>();
      builds.push(build);
      return build.promise;
    },
    say: (line) => said.push(line),
  });
  live.watch((one) => news.push(one));
});
afterEach(() => rm(checkout, { recursive: true, force: true }));
const save = async (path: string, text: string, at = 7) => {
  await put(path, text);
  await live.saved(new Set(['lake']), at);
};
const fresh = () => live.fresh('lake', '1-look');

describe('a lesson that is saved', () => {
  it('is told to pages and labs, and its text made once for all who ask', async () => {
    expect(await fresh()).toEqual({ html: null, savedAt: 0 });
    await save('lake/1-look/lesson.md', lesson('echo no; exit 1'));
    expect(news).toEqual([
      { type: 'mistakes', mistakes: [] },
      { type: 'lesson', course: 'lake', lesson: '1-look', savedAt: 7 },
    ]);
    expect(renewed).toEqual([['lake', '1-look', ['look']]]);
    expect(said).toEqual(['saved lake/1-look; checks that changed: look']);
    expect(await fresh()).toEqual({ html: 'lake/1-look/lesson.md 1', savedAt: 7 });
    expect(await fresh()).toEqual({ html: 'lake/1-look/lesson.md 1', savedAt: 7 });
    await expect(live.fresh('lake', 'x')).rejects.toMatchObject({ code: 'not-found' });
  });

  it('with a mistake is said with file and line, to pages and in the terminal, and again once it holds', async () => {
    await save('lake/1-look/lesson.md', lesson('echo yes').replace('bash check', 'bash chekc'));
    expect(news.at(-1)).toMatchObject({
      type: 'mistakes',
      mistakes: [{ file: 'courses/lake/1-look/lesson.md', line: 11 }],
    });
    expect(said[0]).toMatch(/^courses\/lake\/1-look\/lesson\.md:11: /);
    const late: AuthoringNews[] = [];
    live.watch((one) => late.push(one));
    expect(late).toEqual([news.at(-1)]);
    expect((await fresh()).html).toBeNull();
    await save('lake/1-look/lesson.md', lesson('echo yes'));
    expect(news.at(-1)).toEqual({ type: 'mistakes', mistakes: [] });
    expect(said.at(-1)).toBe('all lessons hold again');
  });
});

describe('a guide that is saved', () => {
  const saveGuide = async (text: string) => {
    await put(GUIDE, text);
    await live.guidesSaved(7);
  };

  it('is told to pages and to open labs as a lesson is, and asks for no build', async () => {
    await saveGuide(guide('two'));
    expect(news.at(-1)).toEqual({ type: 'lesson', course: 'guides', lesson: 'copy', savedAt: 7 });
    expect(renewed).toEqual([['guides', 'copy', ['look']]]);
    expect(await live.fresh('guides', 'copy')).toEqual({ html: `${GUIDE} 1`, savedAt: 7 });
    expect(builds).toEqual([]);
    await expect(live.fresh('guides', 'x')).rejects.toMatchObject({ code: 'not-found' });
  });

  it('with a mistake is named from the checkout on and stays; once it holds it is told', async () => {
    await saveGuide(guide('two').replace('bash check', 'bash chekc'));
    const file = 'site/src/content/docs/guides/copy.md';
    expect(news.at(-1)).toMatchObject({ type: 'mistakes', mistakes: [{ file, line: 13 }] });
    expect(said[0]).toMatch(/^site\/src\/content\/docs\/guides\/copy\.md:13: /);
    expect(renewed).toEqual([]);
    await saveGuide(guide('three'));
    expect(renewed).toEqual([['guides', 'copy', ['look']]]);
  });

  it('with another title is a build', async () => {
    await saveGuide(guide('one', 'Copies'));
    expect(builds.length).toBe(1);
  });
});

describe('more than the text', () => {
  it('is a build, one at a time; what was saved since it began is newer than its pages', async () => {
    await save('lake/1-look/lesson.md', lesson('echo first'));
    await save('lake/course.yaml', COURSE('Another lake'));
    live.siteSaved();
    live.siteSaved();
    expect(builds.length).toBe(1);
    expect(news.at(-1)).toEqual({ type: 'building' });
    await save('lake/1-look/lesson.md', lesson('echo second'), Date.now() + 1000);
    builds[0]?.resolve();
    await vi.waitUntil(() => builds.length === 2);
    expect((await fresh()).html).toBe('lake/1-look/lesson.md 2');
    builds[1]?.resolve();
    await vi.waitUntil(() => news.filter(({ type }) => type === 'built').length === 2);
    expect(builds.length).toBe(2);
  });

  it('a build that fails says why, and pages stay', async () => {
    live.siteSaved();
    builds[0]?.reject(new Problem('internal', 'no such component'));
    await vi.waitUntil(() => news.at(-1)?.type === 'built');
    expect(news.at(-1)).toEqual({ type: 'built', problem: 'no such component' });
    expect(said).toEqual(['no such component']);
  });

  it('waits for a mistake to be mended', async () => {
    await save('lake/course.yaml', `${COURSE('Another lake')}unknown: 1\n`);
    expect(builds).toEqual([]);
  });
});
