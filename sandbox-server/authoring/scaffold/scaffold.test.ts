import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readCourses } from '../../catalogue/load.ts';
import { lint } from '../lint/lint.ts';
import { nameFrom, newCourse, newLesson, withLesson } from './scaffold.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'palestra-new-'));
});
afterEach(() => rm(root, { recursive: true }));
const course = (name = 'my-course', title = 'My: "course"') => newCourse({ root, name, title, kit: 'base' });

describe('new course', () => {
  it('is read by the catalogue, and lint finds nothing', async () => {
    const made = await course();
    expect(made).toEqual({
      id: 'my-course',
      files: ['courses/my-course/course.yaml', 'courses/my-course/1-first/lesson.md'],
    });
    const { courses, mistakes } = await readCourses(join(root, 'courses'));
    expect(mistakes).toEqual([]);
    expect(courses[0]).toMatchObject({ title: 'My: "course"', kit: 'base' });
    expect((await lint({ root, paths: [] })).findings).toEqual([]);
  });

  it('has one step with a check, a solution, a wrong that names its hint, and an undo', async () => {
    await course();
    const [step, ...more] = (await readCourses(join(root, 'courses'))).courses[0]?.lessons[0]?.steps ?? [];
    expect(more).toEqual([]);
    expect(step).toMatchObject({ checks: [{}], solutions: [{}], undos: [{}], hints: [{ id: 'counted' }] });
    expect(step?.wrongs).toMatchObject([{ hint: 'counted' }]);
  });

  it('points editors to the schema', async () => {
    await course();
    const yaml = await readFile(join(root, 'courses/my-course/course.yaml'), 'utf8');
    expect(yaml).toMatch(/^# yaml-language-server: \$schema=\.\.\/\.\.\/sandbox-server\//);
    const lesson = await readFile(join(root, 'courses/my-course/1-first/lesson.md'), 'utf8');
    expect(lesson).toMatch(/^---\n# yaml-language-server: \$schema=\.\.\/\.\.\/\.\.\/sandbox-server\//);
  });

  it('never overwrites', async () => {
    await course();
    await expect(course('my-course', 'Other')).rejects.toMatchObject({ code: 'conflict' });
    expect(await readFile(join(root, 'courses/my-course/course.yaml'), 'utf8')).toContain('My: "course"');
    await mkdir(join(root, 'courses/empty'), { recursive: true });
    await expect(course('empty')).rejects.toMatchObject({ code: 'conflict' });
  });

  it.each(['', '../x', 'My Course', '-a', 'a'.repeat(61), 'a/b'])('refuses the name %j', async (name) => {
    await expect(course(name)).rejects.toMatchObject({ code: 'bad-request' });
  });
});

describe('new lesson', () => {
  it('comes last, with the next number, and the rest of course.yaml stays', async () => {
    await course();
    const file = join(root, 'courses/my-course/course.yaml');
    await writeFile(file, `${await readFile(file, 'utf8')}# a remark\nmask: [x]\n`);
    const made = await newLesson({ root, course: 'my-course', name: 'rules', title: 'Rules' });
    expect(made.id).toBe('my-course/2-rules');
    const after = await readFile(file, 'utf8');
    expect(after).toContain('lessons: [1-first, 2-rules]');
    expect(after).toContain('# a remark');
    expect((await lint({ root, paths: [] })).findings).toEqual([]);
  });

  it('keeps the number that it is given', () => {
    expect(withLesson('lessons: [1-a]\n', '7-b', 'f')).toEqual({ id: '7-b', yaml: 'lessons: [1-a, 7-b]\n' });
    expect(withLesson('lessons:\n  - 1-a\n', 'b', 'f').yaml).toBe('lessons:\n  - 1-a\n  - 2-b\n');
  });

  it('refuses what is there, and a course that is not', async () => {
    await course();
    const again = newLesson({ root, course: 'my-course', name: '1-first', title: 'T' });
    await expect(again).rejects.toMatchObject({ code: 'conflict' });
    const nowhere = newLesson({ root, course: 'none', name: 'a', title: 'T' });
    await expect(nowhere).rejects.toThrow(/npx palestra new course none/);
  });

  it.each(['lessons: 3\n', 'title: T\n', 'lessons: [a\n'])(
    'refuses a course.yaml without a list: %j',
    (text) => {
      expect(() => withLesson(text, 'a', 'courses/c/course.yaml')).toThrow(/courses\/c\/course\.yaml/);
    },
  );
});

it.each([
  ['Rules: say what, not how', 'rules-say-what-not-how'],
  ['Qualità', 'qualita'],
  ['x'.repeat(80), 'x'.repeat(50)],
])('a name from %j', (title, name) => expect(nameFrom(title)).toBe(name));
