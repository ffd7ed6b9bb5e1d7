/** What `npm test` and `npm run test:stack` are made of: each suite's command, and where it reports. */
import { join, resolve } from 'node:path';

export interface Suite {
  readonly name: string;
  readonly command: readonly string[];
  /** where the suite's own JUnit report lands; without one the suite counts as one test */
  readonly report?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** parts of paths of the tests it plays; none: all that its configuration includes */
  readonly only?: readonly string[];
  /** plays again, in another world, what another suite has played */
  readonly again?: true;
}

export const root = resolve(import.meta.dirname, '..');
export const reports = join(root, '.palestra/reports');
const palestra = join(root, 'sandbox-server/cli/palestra.ts');
const bin = (name: string) => join(root, 'node_modules/.bin', name);
const vitest = (name: string, config: string, only: readonly string[] = []): Suite => ({
  name,
  report: join(reports, `${name}.xml`),
  only,
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

// one core each: side by side they take 55 s of two cores and not 110
const STATIC: readonly Suite[] = [
  node('lint', 'eslint', '.'),
  node('format', 'prettier', '--check', '--log-level=warn', '.'),
  node('types', 'tsc', '-p', 'tsconfig.json'),
  node('types-site', 'tsc', '-p', 'site/tsconfig.json'),
  node('types-journeys', 'tsc', '-p', 'tests/journeys/tsconfig.json'),
  node('unused', 'knip'),
  { name: 'lessons', command: [process.execPath, palestra, 'lint'] },
];
// each is played when the one before has ended; a list in it is played by two at a time
export const TEST: readonly (Suite | readonly Suite[])[] = [
  // the types of content collections, which lint and types of the site read
  node('sync', 'astro', 'sync'),
  STATIC,
  vitest('unit', 'vitest.config.ts'),
  vitest('journeys', 'tests/journeys/vitest.config.ts'),
];
export const STACK_CONFIG = 'tests/stack/vitest.config.ts';
export const STACK: readonly Suite[] = [
  {
    name: 'prove',
    report: join(reports, 'prove.xml'),
    command: [process.execPath, palestra, 'prove'],
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
    'tests/stack/dask/',
    'tests/stack/groups/',
    'tests/stack/chart/',
  ]),
  vitest('data-lake', STACK_CONFIG, ['infra/data-lake/', 'tests/stack/data-lake/', 'tests/journeys/']),
  {
    // one lake's conformance, against the chart's: some minutes, of which its image, the first time, takes two
    ...vitest('data-lake-on-cluster', STACK_CONFIG, [
      'tests/stack/data-lake/permissions',
      'tests/stack/data-lake/tokens-at-rucio',
      'tests/stack/data-lake/learner',
      'tests/stack/data-lake/verbs',
    ]),
    env: { PALESTRA_LAKE_WORLD: 'cluster' },
    again: true,
  },
  vitest('keycloak', STACK_CONFIG, ['tests/stack/keycloak']),
];

/**
 * @param names none: all of them
 * @throws Error a name that no suite has
 */
export function selectSuites(
  suites: readonly (Suite | readonly Suite[])[],
  names: readonly string[],
): readonly (Suite | readonly Suite[])[] {
  const known = suites.flat().map(({ name }) => name);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new Error(`There is no suite ${unknown.join(', ')}; there are ${known.join(', ')}.`);
  if (names.length === 0) return suites;
  return suites
    .map((next) => [next].flat().filter(({ name }) => names.includes(name)))
    .filter((some) => some.length > 0);
}
