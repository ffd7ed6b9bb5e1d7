/**
 * What authors wait for: a save on the page, and lint of 200 lessons. The peer is the least that lint can do, reading each page's Markdown once,
 * in the same round: how far lint is from it does not depend on who else uses the machine.
 */
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { lint } from '../../sandbox-server/authoring/index.ts';
import { parseMarkdown, splitFrontMatter } from '../../sandbox-server/catalogue/markdown.ts';
import { savesToPage } from './saves.ts';
import { figure, row, type Pair } from './table.ts';
import type { Bench } from './run.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const LESSONS = 200;

export const bench: Bench = {
  says: 'a save on its page, and lint of 200 lessons, made of copies of the courses that there are',
  rounds: 5,
  async run(rounds, say) {
    const saves = await savesToPage(rounds, say);
    const root = await mkdtemp(join(tmpdir(), 'palestra-bench-'));
    try {
      await manyLessons(root);
      const pairs: Pair[] = [];
      for (let round = 0; round < rounds; round += 1) {
        const theirs = await secondsOf(() => parseEach(root));
        const ours = await secondsOf(() => lint({ root, paths: [] }));
        pairs.push({ ours, theirs });
        say(`round ${round + 1}: lint ${ours.toFixed(2)} s, Markdown alone ${theirs.toFixed(2)} s`);
      }
      const seconds = pairs.map(({ ours }) => ours);
      return [
        figure('save → updated page, s', saves, { op: '<=', value: 1 }),
        figure(`lint of ${LESSONS} lessons, s`, seconds, { op: '<=', value: 5 }),
        row(`lint of ${LESSONS} lessons, s`, 'each page parsed once, s', pairs, { op: '<=', value: 3 }),
      ];
    } finally {
      await rm(root, { recursive: true });
    }
  },
};

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

async function parseEach(root: string): Promise<void> {
  for (const file of await readdir(join(root, 'courses'), { recursive: true }))
    if (file.endsWith('.md'))
      parseMarkdown(splitFrontMatter(await readFile(join(root, 'courses', file), 'utf8')).markdown);
}

/** Copies of real courses under other names until there are enough lessons. */
async function manyLessons(root: string): Promise<void> {
  const courses = (await readdir(join(ROOT, 'courses'), { withFileTypes: true })).filter((each) =>
    each.isDirectory(),
  );
  let made = 0;
  for (let copy = 0; made < LESSONS; copy += 1)
    for (const { name } of courses) {
      if (made >= LESSONS) break;
      made += await copyCourse(
        join(ROOT, 'courses', name),
        join(root, 'courses', `${name}-${copy}`),
        LESSONS - made,
      );
    }
}

/** What is read once is read once a text: a copy has other words, and other scripts. */
async function makeUnlike(file: string, name: string): Promise<void> {
  const text = await readFile(file, 'utf8');
  const scripts = text.replace(
    /^```bash (?:check|solution|setup|undo|wrong)\b(?!.*\bas=).*$/gm,
    `$&\n# of ${name}`,
  );
  await writeFile(file, `${scripts}\n\nA lesson of ${name}.\n`);
}

/** @returns how many lessons it holds: no more than `most` */
async function copyCourse(from: string, to: string, most: number): Promise<number> {
  await cp(from, to, { recursive: true });
  for (const file of await readdir(to, { recursive: true }))
    if (/^[^/]+\/lesson(?:\.[a-z]{2})?\.md$/.test(file)) await makeUnlike(join(to, file), basename(to));
  const lessons = (await readdir(to, { withFileTypes: true })).filter((each) => /^\d/.test(each.name));
  const surplus = lessons.slice(most).map(({ name }) => name);
  for (const name of surplus) await rm(join(to, name), { recursive: true });
  const settings = await readFile(join(to, 'course.yaml'), 'utf8');
  const listed = surplus.reduce((text, name) => text.replace(new RegExp(`,? *${name}\\b`), ''), settings);
  await writeFile(join(to, 'course.yaml'), listed);
  return lessons.length - surplus.length;
}
