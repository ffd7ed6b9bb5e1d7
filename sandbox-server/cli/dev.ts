/**
 * `npm run dev`: the server as `start` runs it, and what authors save is there at once (authoring/live/). Neither the
 * server nor a sandbox ends for it; where pages change beyond the text of a lesson, the site is built again beside it.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Problem } from '../contract/errors.ts';
import type { StartOptions } from './palestra.ts';
import { ROOT } from './settings.ts';
import { buildSite } from './site-build.ts';
import type { Stages } from './stages.ts';
import { serve } from './start.ts';

export async function dev(options: StartOptions): Promise<void> {
  const say = (line: string): void => void process.stdout.write(`  ${line}\n`);
  const first = options.build ? firstBuild : () => Promise.resolve();
  await serve(options, first, { build: () => buildSite(ROOT, say), say });
}

/** A lesson with a mistake is what an author came to mend: the pages of the last build do meanwhile. */
async function firstBuild(say: Stages): Promise<void> {
  try {
    await say.during('the site', () => buildSite(ROOT, say.line));
  } catch (error) {
    if (!(error instanceof Problem) || !existsSync(join(ROOT, 'dist/index.html'))) throw error;
    say.line(`${error.message}\n  The pages are those of the last build until this is mended.`);
  }
}
