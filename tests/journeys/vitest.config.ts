import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['**/*.test.ts'],
    // journeys through services: `npm run test:stack`
    exclude: ['node_modules/**', '**/*.stack.test.ts'],
    testTimeout: 120_000,
    // these start real processes on a shared machine: in CI one more try, which the report names
    retry: process.env['CI'] === undefined ? 0 : 1,
    hookTimeout: 300_000,
    pool: 'forks',
    // one at a time: each drives a whole server (and a browser) on 2 cores
    fileParallelism: false,
  },
});
