/**
 * `npm test` and `npm run test:stack`: the suites one after the other, each named and timed, all of them even when one
 * fails. Ends with `N passed, N failed`; reports in JUnit under .palestra/reports/. With names of suites only those:
 * `npm run test:stack -- data-lake`.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createTurns } from '../sandbox-server/sandboxes/turns.ts';
import { tally, type Tally } from './report.ts';
import { reports, root, selectSuites, STACK, TEST, type Suite } from './suites.ts';

const words = process.argv.slice(2);
const stack = words.includes('--stack');
const names = words.filter((word) => word !== '--stack');
mkdirSync(reports, { recursive: true });
const tallies: Tally[] = [];
for (const next of selectSuites(stack ? STACK : TEST, names)) tallies.push(...(await playAll([next].flat())));
const passed = tallies.reduce((sum, each) => sum + each.passed, 0);
const failed = tallies.flatMap((each) => each.failed);
// what .ci/run adds up and repeats: the first line counts, the others name
writeFileSync(
  join(reports, `${stack ? 'test:stack' : 'test'}.counts`),
  [`${passed} ${failed.length}`, ...failed, ''].join('\n'),
);
process.stdout.write(
  ['', ...failed.map((name) => `failed: ${name}`), `${passed} passed, ${failed.length} failed`, ''].join(
    '\n',
  ),
);
process.exitCode = failed.length > 0 ? 1 : 0;

/** In order, where there are several two at a time: what those print is kept until they end. */
async function playAll(suites: readonly Suite[]): Promise<readonly Tally[]> {
  if (suites.length === 1) return Promise.all(suites.map((suite) => play(suite, 'inherit')));
  const turns = createTurns(2);
  return Promise.all(suites.map((suite) => turns.run(() => play(suite, 'pipe'))));
}

async function play(suite: Suite, output: 'inherit' | 'pipe'): Promise<Tally> {
  const began = Date.now();
  const begin = `\n== ${suite.name}\n`;
  if (output === 'inherit') process.stdout.write(begin);
  if (suite.report !== undefined) rmSync(suite.report, { force: true });
  const { code, said } = await run(suite, output);
  if (output === 'pipe') process.stdout.write(begin + said);
  const report = suite.report === undefined ? {} : read(suite.report, code);
  const told = tally({ name: suite.name, code, ...report });
  const how = told.failed.length === 0 ? 'ok' : `FAILED (${told.failed.length})`;
  process.stdout.write(`== ${suite.name}: ${how} in ${Math.round((Date.now() - began) / 1000)} s\n`);
  return told;
}

/** A suite that ended badly may have died before its report. */
function read(path: string, code: number): { report?: string } {
  try {
    return { report: readFileSync(path, 'utf8') };
  } catch (error) {
    if (code !== 0 && (error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}

/** @returns what it printed where that was to be kept, both streams as they came */
async function run(
  { command: [command, ...args], env }: Suite,
  output: 'inherit' | 'pipe',
): Promise<{ code: number; said: string }> {
  const child = spawn(command ?? '', args, {
    cwd: root,
    stdio: ['ignore', output, output],
    env: { ...process.env, ...env },
  });
  const said: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (part: Buffer) => said.push(part));
  return new Promise((done, fail) => {
    child.once('error', fail);
    child.once('close', (code, signal) =>
      done({ code: code ?? (signal === null ? 1 : 128), said: Buffer.concat(said).toString() }),
    );
  });
}
