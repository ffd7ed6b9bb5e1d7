import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadCatalogue } from '../../catalogue/load.ts';
import { writeArchive } from './archive.ts';
import { takeHome } from './take-home.ts';

const ROOT = join(import.meta.dirname, '../../..');
const kit = { name: 'base', environments: [{ folder: '.', lists: [] }], files: [], system: [], env: {} };
const fence = (info: string, ...code: string[]) => `\`\`\`${info}\n${code.join('\n')}\n\`\`\`\n\n`;

/** A lesson with what first-steps has not: Python, fixtures, facts, kit's folder, answers, a picture, an aside. */
const SMALL = [
  '---\ntitle: "Small & <whole>"\nminutes: 5\nkeypoints: [Use `x`.]\n---\n',
  'You are {{user}}.\n\n:::tip[Look]\nHere.\n:::\n\n![a dot](dot.svg)\n\n',
  '## Write\n\n',
  fence(
    'python setup',
    'import os, pathlib',
    'pathlib.Path("seed.txt").write_text(os.environ["PALESTRA_SEED"])',
  ),
  fence('bash run terminal=one', 'cp seed.txt copy-of-{{user}}.txt'),
  fence('python solution', 'SECRET = 1', 'import shutil', 'shutil.copy("seed.txt", "copy-of-learner.txt")'),
  fence(
    'python check',
    'import os, sys; sys.path.insert(0, os.environ["PALESTRA_FIXTURES"])',
    'from words import no',
    'if not os.path.exists("copy-of-{{user}}.txt"): no()',
    'print("fact length=", len(open("seed.txt").read()), sep=""); print("Copied.")',
  ),
  fence('bash undo', 'rm -f copy-of-learner.txt'),
  ':::hint[Think of cp]{#cp}\nIt copies.\n:::\n\n',
  ':::question[How long?]\n' + fence('bash answer', 'wc -c < seed.txt') + ':::\n\n',
  '## Wait\n\n',
  fence('bash run', 'echo {{fact:length}} > length.txt; /opt/kit/bin/python -c pass'),
  fence('sh solution', 'echo {{fact:length}} > length.txt'),
  fence(
    'bash check waits=20s every=1s',
    '[ -x /opt/kit/bin/python ] || { echo "No kit."; exit 1; }',
    '[ "$(cat length.txt)" = {{fact:length}} ] || { echo "No length."; exit 1; }',
    '[ -e asked ] || { touch asked; echo "progress 1 2 times"; echo "Not yet."; exit 75; }',
    'echo "It is {{fact:length}}."',
  ),
].join('');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'palestra-home-'));
  const files = {
    'courses/c/course.yaml':
      'title: C\nsummary: S\naudience: A\nauthors: [A]\nlicence: CC-BY-4.0\nlessons: [1-small, 2-lake]\n',
    'courses/c/fixtures/words.py':
      'def no():\n    print("hint cp")\n    print("No copy.")\n    raise SystemExit(1)\n',
    'courses/c/1-small/lesson.md': SMALL,
    'courses/c/1-small/dot.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
    'courses/c/1-small/files/notes.txt': 'given\n',
    'courses/c/2-lake/lesson.md':
      '---\ntitle: L\nminutes: 5\nneeds: { services: [data-lake] }\n---\n## Go\n\n```bash run\nls\n```\n',
  };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** An archive, unpacked as its README says. @returns its folder */
async function unpacked(courses: string, name: string, solutions: boolean): Promise<string> {
  const catalogue = await loadCatalogue(courses);
  const [courseId = '', lessonId = ''] = name.split('/');
  const course = catalogue.course(courseId) ?? expect.fail();
  const lesson = catalogue.lesson(courseId, lessonId) ?? expect.fail();
  const place = await mkdtemp(join(folder, 'home-'));
  const archive = join(place, 'lesson.tar.gz');
  await writeArchive(
    archive,
    'it',
    await takeHome({ catalogue, course, lesson, kit, solutions, root: ROOT }),
  );
  await run(place, 'tar', 'xzf', archive);
  return join(place, 'it');
}

interface Ended {
  readonly exit: number | null;
  readonly said: string;
}
/** What it says goes into a file: a program that a lesson leaves running would hold a pipe. */
async function run(cwd: string, command: string, ...args: string[]): Promise<Ended> {
  const file = join(await mkdtemp(join(folder, 'said-')), 'said');
  await using said = await open(file, 'w+');
  const child = spawn(command, args, { cwd, stdio: ['ignore', said.fd, said.fd] });
  const [exit] = (await once(child, 'exit')) as [number | null];
  return { exit, said: await readFile(file, 'utf8') };
}

/** A program that was told to end needs a moment. */
async function green(at: string, step: string): Promise<string> {
  for (let tries = 1; ; tries += 1) {
    const { exit, said } = await run(at, './check', step);
    if (exit === 0 || tries === 10) return said;
  }
}

describe('taken home', { timeout: 240_000 }, () => {
  it('a lesson is done with bash and python alone: each check red before its solution, green after it', async () => {
    const at = await unpacked(join(ROOT, 'courses'), 'first-steps/1-how-a-lab-works', true);
    expect((await run(at, './check')).said).toContain('./start first');
    expect((await run(at, './start', 'pwd')).said.trim().split('\n').at(-1)).toBe(join(at, 'home'));
    const steps = [
      'make-a-file-that-a-check-wants',
      'mend-a-file-in-the-editor',
      'fall-into-a-trap-and-get-out',
      'leave-a-program-running',
      'stop-it-again',
    ];
    for (const step of steps) {
      expect(await run(at, './check', step)).toMatchObject({ exit: 1 });
      const solution = join(at, 'solutions/1-how-a-lab-works', `${step}.sh`);
      expect((await run(at, './start', 'bash', solution)).exit).toBe(0);
      expect(await green(at, step)).toContain(`done      1-how-a-lab-works/${step}`);
    }
    const trap = 'fall-into-a-trap-and-get-out';
    expect((await run(at, './check', trap, '--answer', '1')).exit).toBe(1);
    expect((await run(at, './check', trap, '--answer', '2')).exit).toBe(0);
    await run(at, './start', 'bash', '-c', 'sort readings.txt | tail -n 1 > largest.txt');
    expect((await run(at, './check', trap)).said).toContain('hint      Sorted like words');
    const list = (await run(at, './check', '--list')).said.trim().split('\n');
    expect(list).toHaveLength(6);
    expect(list.filter((line) => line.startsWith('done'))).toHaveLength(5);
  });

  it('Python, fixtures, facts, waiting, answers and reset are as in a lab', async () => {
    const at = await unpacked(join(folder, 'courses'), 'c/1-small', true);
    await run(at, './start', 'true');
    expect(await readFile(join(at, 'home/notes.txt'), 'utf8')).toBe('given\n');
    const red = await run(at, './check');
    expect(red).toMatchObject({
      exit: 1,
      said: expect.stringMatching(/hint {6}Think of cp[^]*No copy\./) as string,
    });
    await run(at, './start', 'python', join(at, 'solutions/1-small/write.py'));
    expect((await run(at, './check')).said).toMatch(
      /note {6}length = 16\ndone {6}1-small\/write\n {2}Copied\./,
    );
    expect((await run(at, './check', 'write', '--answer', '16.0')).exit).toBe(0);
    expect((await run(at, './check', 'write', '--answer', '17')).exit).toBe(1);
    expect((await run(at, './check', 'wait')).said).toContain('No length.');
    await run(at, './start', 'sh', '-c', 'echo 16 > length.txt');
    expect(await run(at, './check')).toMatchObject({
      exit: 0,
      said: expect.stringMatching(/waiting {3}Not yet\.[^]*It is 16\./) as string,
    });
    expect((await run(at, './check', 'write', '--reset')).exit).toBe(0);
    expect((await run(at, './check', 'write')).exit).toBe(1);
    expect(await run(at, './check', 'wrote')).toMatchObject({
      exit: 2,
      said: expect.stringContaining('no step wrote') as string,
    });
  });

  it('the page needs nothing beside it, and holds no solution unless it is asked for', async () => {
    const at = await unpacked(join(folder, 'courses'), 'c/1-small', false);
    const html = await readFile(join(at, '1-small.html'), 'utf8');
    expect(html).toContain('<title>Small &amp; &lt;whole&gt;</title>');
    expect(html).toContain('<code>check write</code>');
    expect(html).toContain('copy-of-learner.txt');
    expect(html).toContain('src="data:image/svg+xml;base64,');
    expect(html).toMatch(/<aside class="tip"><p class="title">Look<\/p>/);
    expect(html).toContain('Run in a terminal “one” of its own');
    expect(html).toContain('$KIT/bin/python');
    expect(html).not.toMatch(/SECRET|<link|src="http|src="\/|@import|url\(/);
    expect((await run(at, 'grep', '-rl', 'SECRET', '.')).said).toBe('');
    const withThem = await unpacked(join(folder, 'courses'), 'c/1-small', true);
    expect(await readFile(join(withThem, '1-small.html'), 'utf8')).toContain('SECRET = 1');
  });

  it('the same lesson gives the same bytes', async () => {
    const [one, other] = await Promise.all(
      [1, 2].map(() => unpacked(join(folder, 'courses'), 'c/1-small', false)),
    );
    expect(await readFile(join(one ?? '', '../lesson.tar.gz'))).toEqual(
      await readFile(join(other ?? '', '../lesson.tar.gz')),
    );
  });

  it('a lesson that needs a service stays, and it is said how to read it elsewhere', async () => {
    await expect(unpacked(join(folder, 'courses'), 'c/2-lake', false)).rejects.toThrow(
      'c/2-lake needs data-lake, which no archive can bring. To read it elsewhere: npx palestra print c',
    );
  });
});
