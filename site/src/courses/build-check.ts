/**
 * Parses all courses before anything is built: a mistake in one stops the build with every mistake's
 * file, line, *expected / received / where to read*, not with the first page that happens to fail.
 */
import type { AstroIntegration } from 'astro';
import { loadCatalogue } from '../../../sandbox-server/catalogue/load.ts';

/** @param folder absolute; the courses' */
export function courseCheck(folder: string): AstroIntegration {
  return {
    name: 'palestra-courses',
    hooks: {
      'astro:build:start': async () => {
        await loadCatalogue(folder);
      },
    },
  };
}
