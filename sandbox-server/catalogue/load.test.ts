import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Course, PublicLesson } from '../contract/lesson.ts';
import { loadCatalogue, readCourses } from './load.ts';
import { CourseError } from './mistakes.ts';

const COURSE = `title: A lake
summary: What a lake is.
audience: Everyone
authors: [A. Author]
licence: CC-BY-4.0
kit: lake
services: [data-lake]
groups: [icsc/users]
mask: ['[0-9]+ s']
lessons: [1-look, 2-rules]
`;
const lesson = (more = '', needs = '') =>
  `---\ntitle: Look\nminutes: 5\n${needs}---\n## Look\n\n\`\`\`bash run\nls\n\`\`\`\n\n\`\`\`bash check\necho SECRET\n\`\`\`\n\n\`\`\`bash solution\necho SECRET\n\`\`\`\n${more}`;
const TWIN = '---\ntitle: Guarda\n---\n## Guarda\n\n```bash run\nls\n```\n';

let root: string;
const put = async (path: string, text: string) => {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
};
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'courses-'));
  await put('lake/course.yaml', COURSE);
  await put('lake/1-look/lesson.md', lesson());
  await put('lake/2-rules/lesson.md', lesson('', 'needs: { after: [1-look], kit: dask }\n'));
});
afterEach(() => rm(root, { recursive: true, force: true }));
const mistakes = async () =>
  (await readCourses(root)).mistakes.map((each) => `${each.file}:${each.line}: ${each.message}`);

describe('a catalogue', () => {
  it('is the courses of a folder, as the contract has them', async () => {
    const catalogue = await loadCatalogue(root);
    expect(catalogue.courses.map((course) => Course.parse(course))).toHaveLength(1);
    expect(catalogue.course('lake')).toMatchObject({
      title: 'A lake',
      kit: 'lake',
      services: ['data-lake'],
      groups: ['icsc/users'],
      mask: ['[0-9]+ s'],
    });
    expect(catalogue.lesson('lake', '2-rules')).toMatchObject({
      needs: { kit: 'dask', after: ['1-look'] },
      folder: join(root, 'lake/2-rules'),
    });
    expect(catalogue.step('lake', '1-look', 'look')).toMatchObject({ title: 'Look' });
    expect(catalogue.step('lake', '1-look', 'other')).toBeUndefined();
    expect(catalogue.lesson('other', '1-look')).toBeUndefined();
  });

  it('tells a page nothing of checks and solutions', async () => {
    const catalogue = await loadCatalogue(root);
    const found = catalogue.publicLesson('lake', '1-look');
    expect(PublicLesson.parse(found)).toEqual({
      course: 'lake',
      id: '1-look',
      title: 'Look',
      minutes: 5,
      kit: 'lake',
      after: [],
      next: '2-rules',
      steps: [
        {
          id: 'look',
          title: 'Look',
          actions: [{ id: 'run-1', kind: 'run' }],
          hasCheck: true,
          hasSolution: true,
          questions: [],
        },
      ],
    });
    expect(JSON.stringify(found)).not.toContain('SECRET');
    expect(catalogue.publicLesson('lake', '2-rules')?.next).toBeNull();
    expect(catalogue.publicLesson('lake', '3')).toBeUndefined();
  });

  it('reads files for the learner and fixtures for checks from disk', async () => {
    await put('lake/1-look/files/a/b.py', 'print(1)\n');
    await put('lake/1-look/files/go.sh', 'echo');
    await chmod(join(root, 'lake/1-look/files/go.sh'), 0o755);
    await put('lake/fixtures/lake.sh', 'course');
    await put('lake/fixtures/both.sh', 'course');
    await put('lake/1-look/checks/both.sh', 'lesson');
    const catalogue = await loadCatalogue(root);
    const found = catalogue.lesson('lake', '1-look');
    if (found === undefined) throw new Error('no lesson');
    const text = (content: string) => Buffer.from(content, 'base64').toString();
    expect(
      (await catalogue.filesFor(found)).map((file) => [file.path, text(file.content), file.executable]),
    ).toEqual([
      ['a/b.py', 'print(1)\n', false],
      ['go.sh', 'echo', true],
    ]);
    expect((await catalogue.fixturesFor(found)).map((file) => [file.path, text(file.content)])).toEqual([
      ['lake.sh', 'course'],
      ['both.sh', 'lesson'],
    ]);
  });

  it('binds a proof to text, files, checks and fixtures, and to nothing else', async () => {
    const hash = async () => (await loadCatalogue(root)).lesson('lake', '1-look')?.hash;
    const seen = [await hash()];
    for (const path of ['lake/1-look/files/a', 'lake/1-look/checks/a', 'lake/fixtures/a']) {
      await put(path, 'x');
      seen.push(await hash());
    }
    await put('lake/1-look/lesson.md', lesson('\nmore\n'));
    seen.push(await hash());
    expect(new Set(seen).size).toBe(seen.length);
    await put('lake/1-look/lesson.it.md', TWIN);
    expect(await hash()).toBe(seen.at(-1));
  });

  it('reads what checks say in other languages', async () => {
    await put('lake/1-look/messages.it.yaml', 'no-rule: Nessuna regola.\n');
    await put('lake/1-look/messages.yaml', 'no-rule: No rule.\n');
    expect((await loadCatalogue(root)).lesson('lake', '1-look')?.messages).toEqual({
      'no-rule': { it: 'Nessuna regola.', en: 'No rule.' },
    });
  });
});

describe('a question in two languages', () => {
  const asks = (mark: string, why: string) => `\n:::question[?]\n- [x] a\n- [${mark}] b\n\n  ${why}\n:::\n`;
  it('keeps the reasons that the translation gives', async () => {
    await put('lake/1-look/lesson.md', lesson(asks(' ', 'It is the port.')));
    await put('lake/1-look/lesson.it.md', `${TWIN}${asks(' ', 'È la porta.')}`);
    expect((await loadCatalogue(root)).lesson('lake', '1-look')?.reasons).toEqual({
      it: { 'question-1': [null, 'È la porta.'] },
    });
  });
  it('has its choices in the same order: the server judges by the English page', async () => {
    await put('lake/1-look/lesson.md', lesson(asks(' ', 'It is the port.')));
    await put('lake/1-look/lesson.it.md', `${TWIN}${asks('x', 'È la porta.')}`);
    expect(await mistakes()).toEqual([
      'lake/1-look/lesson.it.md:4: A translation has the sections, hints and questions of the English lesson.',
    ]);
  });
  it('is typed on each page, and has its answer on the English one alone', async () => {
    const typed = (answer: string) => `\n:::question[?]\n${answer}:::\n`;
    await put('lake/1-look/lesson.md', lesson(typed('```bash answer\necho 3\n```\n')));
    await put('lake/1-look/lesson.it.md', `${TWIN}${typed('')}`);
    expect(await mistakes()).toEqual([]);
    await put('lake/1-look/lesson.it.md', `${TWIN}${typed('- [x] 3\n- [ ] 4\n')}`);
    expect(await mistakes()).toEqual([
      'lake/1-look/lesson.it.md:4: A translation has the sections, hints and questions of the English lesson.',
    ]);
  });
});

describe('mistakes of a course', () => {
  it('are thrown all at once, as lines that an editor follows', async () => {
    await put('lake/1-look/lesson.md', lesson('\n```bash chekc\nx\n```\n'));
    await put('lake/course.yaml', COURSE.replace('kit: lake', 'kitt: lake'));
    await put('other/x', '');
    const error: unknown = await loadCatalogue(root).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CourseError);
    expect((error as CourseError).code).toBe('bad-request');
    expect((error as CourseError).message).toContain(
      'lake/course.yaml:6: The setting kitt does not fit.\n  expected: only keys that the format knows\n  received: kitt\n  read:     docs/course-format.md#folders',
    );
    expect((error as CourseError).message).toContain('other:1: This folder is no course.');
  });

  it('in course.yaml that is no YAML or lacks a key', async () => {
    await put('lake/course.yaml', 'title: [');
    expect(await mistakes()).toEqual(['lake/course.yaml:1: This is not YAML.']);
    await put('lake/course.yaml', COURSE.replace(/licence.*\n/, ''));
    expect(await mistakes()).toEqual(['lake/course.yaml:1: The setting licence does not fit.']);
  });

  it('in the list of lessons', async () => {
    await put('lake/3-more/lesson.md', lesson());
    await put('lake/course.yaml', COURSE.replace('2-rules', '2-rules, 4-none, 1-look'));
    expect(await mistakes()).toEqual([
      'lake/course.yaml:1: This lesson has no folder.',
      'lake/course.yaml:1: This folder is not in the course.',
      'lake/course.yaml:1: This lesson is listed twice.',
    ]);
  });

  it('in names that pages of the site have already', async () => {
    await put('lake/course.yaml', COURSE.replace('2-rules', '2-rules, print'));
    await put('lake/print/lesson.md', lesson());
    await put('guides/course.yaml', COURSE.replace(', 2-rules', ''));
    await put('guides/1-look/lesson.md', lesson());
    expect(await mistakes()).toEqual([
      'guides:1: The site has a page of this name already.',
      'lake/print:1: The site has a page of this name already.',
    ]);
  });

  it('in what comes after what', async () => {
    await put('lake/1-look/lesson.md', lesson('', 'needs: { after: [2-rules, 9-no] }\n'));
    expect(await mistakes()).toEqual([
      'lake/1-look/lesson.md:1: needs.after names no lesson of this course.',
      'lake/1-look/lesson.md:1: This lesson comes after itself.',
      'lake/2-rules/lesson.md:1: This lesson comes after itself.',
    ]);
  });

  it('T32 a link in files/ is refused, not followed', async () => {
    await mkdir(join(root, 'lake/1-look/files'));
    await symlink('/etc/hostname', join(root, 'lake/1-look/files/host'));
    expect(await mistakes()).toEqual(['lake/1-look/files/host:1: This cannot be given to a learner.']);
    expect((await readCourses(root)).courses[0]?.lessons[0]?.hash).toMatch(/^[0-9a-f]{64}$/);
  });

  it('in a messages file', async () => {
    await put('lake/1-look/messages.it.yaml', 'no-rule: [1]\n');
    expect(await mistakes()).toEqual(['lake/1-look/messages.it.yaml:1: The setting no-rule does not fit.']);
  });

  const twins: [string, string, string[]][] = [
    ['the same steps and commands', TWIN, []],
    [
      'another command',
      TWIN.replace('ls', 'ls -l'),
      ['6: A command or its output differs from the English lesson.'],
    ],
    [
      'another terminal',
      TWIN.replace('bash run', 'bash run terminal=b'),
      ['6: A command or its output differs from the English lesson.'],
    ],
    [
      'a missing command',
      '---\ntitle: x\n---\n## Guarda\n',
      ['1: A command or its output differs from the English lesson.'],
    ],
    [
      'a section more',
      `${TWIN}\n## Altro\n`,
      ['10: A translation has the sections, hints and questions of the English lesson.'],
    ],
    ['a check', `${TWIN}\n\`\`\`bash check\nx\n\`\`\`\n`, ['10: A translation has no checks of its own.']],
    [
      'minutes of its own',
      TWIN.replace('title:', 'minutes: 3\ntitle:'),
      ['2: The setting minutes does not fit.'],
    ],
  ];
  it.each(twins)('a translation with %s', async (_, text, expected) => {
    await put('lake/1-look/lesson.it.md', text);
    const found = (await readCourses(root)).mistakes;
    expect(found.map(({ line, message }) => `${line}: ${message}`)).toEqual(
      expected.map((each) => each.replace(/^7: A command/, '6: A command')),
    );
    for (const each of found) expect(each.file).toBe('lake/1-look/lesson.it.md');
  });
});
