/** Examples in Python: their own tests pass, and the courses hand out the very same files. */
import { execFile } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadCatalogue } from '../sandbox-server/catalogue/load.ts';

const root = resolve(import.meta.dirname, '..');
const read = (...path: string[]) => readFileSync(join(root, ...path), 'utf8');
const python = (cwd: string, ...args: string[]) =>
  promisify(execFile)('python3', ['-B', ...args], { cwd: join(root, cwd), timeout: 60_000 });

describe('examples/idl', () => {
  it('passes its own tests', async () => {
    const { stderr } = await python('examples/idl', '-m', 'unittest', 'discover', '.');
    expect(stderr).toMatch(/Ran [1-9]\d* tests/);
    expect(stderr).toMatch(/OK\s*$/);
  }, 60_000);

  it('is what the course hands out, but for the lines a learner adds', () => {
    const given = join('courses/idl/1-ingest/files/idl');
    for (const name of readdirSync(join(root, given)).filter((file) => file !== 'describe.py'))
      expect(read(given, name), name).toBe(read('examples/idl', name));
    const whole = read('examples/idl/describe.py').split('\n');
    const added = whole.filter((line) => line.includes('meta["MEAS_RANGE_'));
    expect(added).toHaveLength(2);
    expect(read(given, 'describe.py').split('\n')).toEqual(whole.filter((line) => !added.includes(line)));
  });
});

describe('fixtures of the data lake', () => {
  it('are the same in both courses', () => {
    expect(read('courses/idl/fixtures/lake.py')).toBe(read('courses/data-lake/fixtures/lake.py'));
  });
});

describe('the event template of the data lake', () => {
  interface Entry {
    readonly lesson?: string;
    readonly minutes: number;
    readonly steps?: readonly string[];
  }
  const event = parse(read('courses/data-lake/event.yaml')) as { programme: readonly Entry[] };

  it('names lessons and steps that there are', async () => {
    const catalogue = await loadCatalogue(join(root, 'courses'));
    for (const { lesson: id, steps = [] } of event.programme.filter((entry) => entry.lesson !== undefined)) {
      const known = catalogue.lesson('data-lake', id ?? '')?.steps.map((step) => step.id) ?? [];
      expect(known, id).not.toEqual([]);
      for (const step of steps) expect(known, id).toContain(step);
    }
  });

  it('fits into half a day', () => {
    const minutes = event.programme.reduce((all, entry) => all + entry.minutes, 0);
    expect(minutes).toBeLessThanOrEqual(240);
  });
});
