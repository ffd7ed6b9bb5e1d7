import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['sandbox-server/**/*.test.ts', 'site/**/*.test.ts', 'tests/**/*.test.ts', 'infra/**/*.test.ts'],
    exclude: ['node_modules/**', '.palestra/**', 'tests/journeys/**', 'tests/stack/**', '**/*.stack.test.ts'],
    // PALESTRA_TEST_STORE=postgres: what uses a store does so on a real PostgreSQL
    globalSetup: ['sandbox-server/store/testing/engine.ts'],
    testTimeout: 20_000,
    // these start real processes on a shared machine: in CI one more try, which the report names
    retry: process.env['CI'] === undefined ? 0 : 1,
    hookTimeout: 30_000,
    pool: 'forks',
    // 2 cores: more forks only make timings worse
    maxWorkers: 2,
  },
});
