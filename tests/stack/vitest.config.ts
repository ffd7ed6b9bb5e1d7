import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: resolve(import.meta.dirname, '../..'),
    include: ['tests/stack/**/*.test.ts', '{infra,tests/journeys,sandbox-server}/**/*.stack.test.ts'],
    exclude: ['node_modules/**', '.palestra/**'],
    // a lake that tests left running, for the next of them, ends with the last
    globalSetup:
      process.env['CI'] === undefined
        ? []
        : ['tests/stack/data-lake/at-end.ts', 'tests/stack/cluster/at-end.ts'],
    testTimeout: 300_000,
    // these start real processes on a shared machine: in CI one more try, which the report names
    retry: process.env['CI'] === undefined ? 0 : 1,
    // the first file of the chart's lake waits for its image and its pod
    hookTimeout: process.env['PALESTRA_LAKE_WORLD'] === 'cluster' ? 1_800_000 : 300_000,
    pool: 'forks',
    // one at a time: each drives a whole server (and a browser) on 2 cores
    fileParallelism: false,
  },
});
