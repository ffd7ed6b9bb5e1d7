/** A class on real agents: some err, one drops off; who cannot go on is named, and the others do. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadCatalogue } from '../../catalogue/load.ts';
import type { Driver } from '../../sandboxes/driver.ts';
import { createLinks, temporaryTicketKeys } from '../../sandboxes/link/index.ts';
import { createMemoryDriver } from '../../sandboxes/memory/driver.ts';
import { selectLessons } from '../prove/select.ts';
import { bashKit } from '../prove/testing/bash-kit.ts';
import { noServices } from '../prove/testing/no-services.ts';
import { describeRehearsal, rehearse, Rehearsal } from './index.ts';

const fence = (info: string, ...code: string[]): string => `\`\`\`${info}\n${code.join('\n')}\n\`\`\`\n\n`;
const front = '---\ntitle: A lesson\nminutes: 5\n---\n\n';
/** @param solution of the second step, a line of shell */
const lesson = (solution: string): string =>
  [
    front,
    '## Count\n\n',
    fence('bash run', 'for i in 1 2 3 4 5; do echo $i; sleep 0.2; done > counted.txt'),
    fence('bash check', '[ -s counted.txt ] || { echo "Nothing was counted."; exit 1; }', 'echo "Counted."'),
    '## Write\n\n',
    'Write `right` into a file.\n\n',
    fence(
      'bash check',
      '[ -e mine.txt ] || { echo "There is no mine.txt."; exit 1; }',
      'grep -q right mine.txt || { echo "hint left"; echo "That is wrong."; exit 1; }',
      'echo "Right."',
    ),
    ':::hint[Left]{#left}\nThe other one.\n:::\n\n',
    fence('bash wrong hint=left', 'echo wrong > mine.txt'),
    fence('bash undo', 'rm -f mine.txt'),
    fence('bash solution', solution),
  ].join('');

let root: string;
let driver: Driver;
const keys = temporaryTicketKeys();
beforeAll(async () => {
  driver = await createMemoryDriver({ trust: { keys: [...keys.publicKeys()] } });
  root = await mkdtemp(join(tmpdir(), 'rehearse-'));
});
afterAll(async () => {
  await driver.close();
  await rm(root, { recursive: true, force: true });
});

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}
const done: string[] = [];
async function play(size: number, text: string): Promise<Rehearsal> {
  done.length = 0;
  const about = 'title: T\nsummary: S\naudience: A\nauthors: [A]\nlicence: CC-BY-4.0\nlessons: [1-a]\n';
  await put('tiny/course.yaml', about);
  await put('tiny/1-a/lesson.md', text);
  const catalogue = await loadCatalogue(root);
  const [selected] = selectLessons(catalogue, []);
  const means = {
    catalogue,
    driver,
    linkTo: createLinks({ sign: keys.sign }),
    kits: bashKit,
    services: noServices(),
    log: () => undefined,
    onProgress: (n: number, all: number) => void done.push(`${n}/${all}`),
  };
  return Rehearsal.parse(await rehearse(means, selected ?? expect.fail('no lesson'), size));
}

describe('a rehearsal', { timeout: 120_000 }, () => {
  it('is a class at once: each step timed, mistakes made and mended, cuts survived', async () => {
    const told = await play(4, lesson('echo right > mine.txt'));
    expect(told.failures).toEqual([]);
    expect(told).toMatchObject({ id: 'tiny/1-a', driver: 'memory', learners: 4, mistaken: 1, dropping: 1 });
    expect(told.cuts).toBeGreaterThan(0);
    expect(told.steps.map(({ id, done: n }) => [id, n])).toEqual([
      ['count', 4],
      ['write', 4],
    ]);
    for (const { p50, longest } of [told.sandbox, told.opening, ...told.steps])
      expect(longest).toBeGreaterThanOrEqual(p50);
    expect(told.steps[0]?.p50).toBeGreaterThanOrEqual(1); // it counts for a second
    expect(done).toEqual(['1/4', '2/4', '3/4', '4/4']);
    const lines = describeRehearsal(told).join('\n');
    expect(lines).toContain('4 learners at once; 1 made each mistake first, 1 dropped off again and again');
    expect(lines).toMatch(/ {2}count +0:0\d +0:\d\d\n/);
    expect(lines).toContain('4 of 4 came to the end');
    expect(await driver.list()).toEqual([]);
  });

  it('names who could not go on, where and why; the others do', async () => {
    // a folder can be made once: whoever comes second finds a wall
    const told = await play(2, lesson(`mkdir "${join(root, 'wall')}" && echo right > mine.txt`));
    expect(told.failures).toHaveLength(1);
    expect(told.failures[0]).toMatchObject({ where: 'write' });
    expect(told.failures[0]?.why).toContain('exit status 1');
    expect(told.steps.map(({ done: n }) => n)).toEqual([2, 1]);
    const lines = describeRehearsal(told);
    expect(lines.join('\n')).toMatch(/write .* 1 of 2 did it/);
    expect(lines.at(-1)).toBe('  1 of 2 came to the end');
    expect(await driver.list()).toEqual([]);
  });
});
