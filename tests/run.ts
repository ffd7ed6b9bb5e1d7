/**
 * `npm test` and `npm run test:stack`: the suites one after the other, each named and timed, all of them even when one
 * fails. Ends with `N passed, N failed`; reports in JUnit under .palestra/reports/.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { tally, type Tally } from './report.ts';

interface Suite {
  readonly name: string;
  readonly command: readonly string[];
  /** where the suite's own JUnit report lands; without one the suite counts as one test */
  readonly report?: string;
  readonly env?: Readonly<Record<string, string>>;
}

const root = resolve(import.meta.dirname, '..');
const reports = join(root, '.palestra/reports');
const bin = (name: string) => join(root, 'node_modules/.bin', name);
const vitest = (name: string, config: string, only: readonly string[] = []): Suite => ({
  name,
  report: join(reports, `${name}.xml`),
  command: [
    process.execPath,
    bin('vitest'),
    'run',
    ...only,
    '--config',
    config,
    '--reporter=dot',
    '--reporter=junit',
    `--outputFile.junit=${join(reports, `${name}.xml`)}`,
  ],
});
const node = (name: string, script: string, ...args: readonly string[]): Suite => ({
  name,
  command: [process.execPath, bin(script), ...args],
});

const UNIT: readonly Suite[] = [
  // the types of content collections, which lint and types of the site read
  node('sync', 'astro', 'sync'),
  node('lint', 'eslint', '.'),
  node('format', 'prettier', '--check', '--log-level=warn', '.'),
  node('unused', 'knip'),
  node('types', 'tsc', '-p', 'tsconfig.json'),
  node('types-site', 'tsc', '-p', 'site/tsconfig.json'),
  node('types-journeys', 'tsc', '-p', 'tests/journeys/tsconfig.json'),
  vitest('unit', 'vitest.config.ts'),
  vitest('journeys', 'tests/journeys/vitest.config.ts'),
];
const STACK_CONFIG = 'tests/stack/vitest.config.ts';
const STACK: readonly Suite[] = [
  {
    name: 'prove',
    report: join(reports, 'prove.xml'),
    command: [process.execPath, join(root, 'sandbox-server/cli/palestra.ts'), 'prove'],
  },
  {
    // what uses a store, on a real PostgreSQL that the run starts itself; two servers on one database are here alone
    ...vitest('postgres', 'vitest.config.ts', [
      'sandbox-server/store/',
      'sandbox-server/replicas/',
      'sandbox-server/labs/labs',
      'sandbox-server/relay/tickets',
      'two-servers',
    ]),
    env: { PALESTRA_TEST_STORE: 'postgres' },
  },
  vitest('cluster', STACK_CONFIG, [
    'infra/dev-cluster/',
    'infra/images/',
    'infra/chart/',
    'sandbox-server/',
    'tests/stack/namespaces/',
    // the release's own tests (chart/portal, chart/replicas) are run by hand until they have passed whole
    'tests/stack/chart/objects',
  ]),
  vitest('data-lake', STACK_CONFIG, ['infra/data-lake/', 'tests/stack/data-lake/', 'tests/journeys/']),
  vitest('keycloak', STACK_CONFIG, ['tests/stack/keycloak']),
];

const stack = process.argv.includes('--stack');
mkdirSync(reports, { recursive: true });
const tallies: Tally[] = [];
for (const suite of stack ? STACK : UNIT) tallies.push(await play(suite));
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

async function play(suite: Suite): Promise<Tally> {
  const began = Date.now();
  process.stdout.write(`\n== ${suite.name}\n`);
  if (suite.report !== undefined) rmSync(suite.report, { force: true });
  const code = await exit(suite);
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

function exit({ command: [command, ...args], env }: Suite): Promise<number> {
  const child = spawn(command ?? '', args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...env },
  });
  return new Promise((done, fail) => {
    child.once('error', fail);
    child.once('close', (code, signal) => done(code ?? (signal === null ? 1 : 128)));
  });
}
