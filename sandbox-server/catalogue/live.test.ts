import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLiveCatalogue, type LiveCatalogue } from './live.ts';

const COURSE = (lessons: string, title = 'A lake') =>
  `title: ${title}\nsummary: What a lake is.\naudience: Everyone\nauthors: [A. Author]\nlicence: CC-BY-4.0\nlessons: [${lessons}]\n`;
const lesson = (text: string, check = 'echo yes', title = 'Look') =>
  `---\ntitle: ${title}\nminutes: 5\n---\n${text}\n\n## Look\n\n\`\`\`bash run\nls\n\`\`\`\n\n\`\`\`bash check\n${check}\n\`\`\`\n\n## Read\n\n\`\`\`bash check\necho read\n\`\`\`\n`;

let root: string;
let live: LiveCatalogue;
const put = async (path: string, text: string) => {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
};
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'courses-'));
  await put('lake/course.yaml', COURSE('1-look, 2-rules'));
  await put('lake/1-look/lesson.md', lesson('One.'));
  await put('lake/2-rules/lesson.md', lesson('Two.'));
  await put('sea/course.yaml', COURSE('1-swim', 'A sea'));
  await put('sea/1-swim/lesson.md', lesson('Three.'));
  live = await openLiveCatalogue(root);
});
afterEach(() => rm(root, { recursive: true, force: true }));
const reload = (course = 'lake') => live.reload(new Set([course]));
const checkOf = (name: string) => live.step('lake', name, 'look')?.checks[0]?.code;

describe('a course that is saved', () => {
  it('has its new text and checks at once; only lessons that differ are named', async () => {
    await put('lake/1-look/lesson.md', lesson('Other words.\n\nAnd a line more.'));
    expect(await reload()).toEqual({
      lessons: [{ course: 'lake', lesson: '1-look', steps: [] }],
      frame: false,
    });
    await put('lake/1-look/lesson.md', lesson('Other words.', 'echo no; exit 1'));
    expect(await reload()).toMatchObject({ lessons: [{ lesson: '1-look', steps: ['look'] }] });
    expect(checkOf('1-look')).toBe('echo no; exit 1');
    expect(live.courses.map(({ id }) => id)).toEqual(['lake', 'sea']);
    expect(await reload('sea')).toEqual({ lessons: [], frame: false });
  });

  it('runs every check again where the scripts that checks use differ', async () => {
    await put('lake/fixtures/lake.sh', 'one=1\n');
    const { lessons } = await reload();
    expect(lessons).toEqual([
      { course: 'lake', lesson: '1-look', steps: ['look', 'read'] },
      { course: 'lake', lesson: '2-rules', steps: ['look', 'read'] },
    ]);
  });

  it('says that pages change beyond the text: a title, a lesson more, a course less', async () => {
    await put('lake/1-look/lesson.md', lesson('One.', 'echo yes', 'Look well'));
    expect(await reload()).toMatchObject({ frame: true });
    await put('lake/3-new/lesson.md', lesson('New.'));
    await put('lake/course.yaml', COURSE('1-look, 2-rules, 3-new'));
    expect(await reload()).toMatchObject({ frame: true });
    expect(live.lesson('lake', '3-new')?.title).toBe('Look');
    await rm(join(root, 'sea'), { recursive: true });
    expect(await reload('sea')).toEqual({ lessons: [], frame: true });
    expect(live.course('sea')).toBeUndefined();
  });
});

describe('a lesson with a mistake', () => {
  it('stays as it last was whole, named with its line; the others go on', async () => {
    await put('lake/1-look/lesson.md', lesson('One.', 'echo new').replace('bash check', 'bash chekc'));
    await put('lake/2-rules/lesson.md', lesson('Two.', 'echo newer'));
    const { lessons } = await reload();
    expect(lessons.map((each) => each.lesson)).toEqual(['2-rules']);
    expect([checkOf('1-look'), checkOf('2-rules')]).toEqual(['echo yes', 'echo newer']);
    expect(live.mistakes[0]).toMatchObject({ file: 'lake/1-look/lesson.md', line: 13 });
    await reload('sea');
    expect(live.mistakes.length).toBeGreaterThan(0);
    await put('lake/1-look/lesson.md', lesson('One.', 'echo new'));
    await reload();
    expect([live.mistakes, checkOf('1-look')]).toEqual([[], 'echo new']);
  });

  it('in course.yaml keeps the whole course as it was', async () => {
    await put('lake/course.yaml', 'titel: A lake\n');
    expect(await reload()).toEqual({ lessons: [], frame: false });
    expect(live.mistakes[0]).toMatchObject({ file: 'lake/course.yaml' });
    expect(live.course('lake')?.lessons.map(({ id }) => id)).toEqual(['1-look', '2-rules']);
  });

  it('is left out where it never was whole', async () => {
    await put('lake/1-look/lesson.md', 'no front matter');
    live = await openLiveCatalogue(root);
    expect(live.course('lake')?.lessons.map(({ id }) => id)).toEqual(['2-rules']);
    expect(live.mistakes.length).toBeGreaterThan(0);
  });
});
