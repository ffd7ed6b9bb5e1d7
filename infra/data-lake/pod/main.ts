/**
 * The entry point of the lake's image: `main.ts prepare GIVEN SCRATCH`, once before the others, or `main.ts run PART`.
 * Which lake it is follows from the environment, as for `lake.ts`.
 */
import { join } from 'node:path';
import { Problem } from '../../../sandbox-server/contract/errors.ts';
import { sentenceOf } from '../../machine/sentence.ts';
import { lakeOfEnvironment } from '../find-place.ts';
import { partNamed } from './parts.ts';
import { preparePod } from './prepare.ts';
import { runPart } from './run-part.ts';

const stop = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort());

async function act(verb: string, word: string, other: string): Promise<void> {
  const place = await lakeOfEnvironment(process.env, join(import.meta.dirname, '../../..'));
  if (verb === 'prepare') return preparePod(place, word, other);
  if (verb === 'run') return runPart({ place, ...partNamed(place, word), signal: stop.signal });
  throw new Problem('bad-request', 'Say prepare GIVEN SCRATCH, or run PART.');
}

const [verb = '', word = '', other = ''] = process.argv.slice(2);
try {
  await act(verb, word, other);
  process.exit(0);
} catch (error) {
  process.stderr.write(`${sentenceOf(error)}\n`);
  process.exit(1);
}
