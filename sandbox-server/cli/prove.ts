/** `palestra prove`: replays lessons in fresh sandboxes of their own and prints, or hands to a program, what it saw. */
import type { Catalogue } from '../catalogue/face.ts';
import { changedLessons, prove as replay } from '../checks/prove/index.ts';
import { Problem } from '../contract/errors.ts';
import { changedFiles } from './changed-files.ts';
import type { ProveOptions } from './palestra.ts';
import { openProofRooms, say } from './proof-rooms.ts';
import { recordProofs, writeJunit } from './prove-outputs.ts';
import { proposeOutputs } from './prove-update.ts';
import { rehearseClass } from './rehearse.ts';
import { ROOT, STATE } from './settings.ts';

/** Exit status 1 when a lesson failed. */
export async function prove(lessons: readonly string[], options: ProveOptions): Promise<void> {
  if (options.class !== undefined) return rehearseClass(lessons, options.class, options);
  if (options.update && options.record)
    throw new Problem(
      'bad-request',
      '--update changes lessons, and a proof is of a lesson as it stands: prove with --record when you have looked at them.',
    );
  await using opened = new AsyncDisposableStack();
  const rooms = await openProofRooms(options, opened);
  const { catalogue } = rooms;
  const named = await namesOf(catalogue, lessons, options.changed);
  if (named === null) return say('No lesson is touched by what has changed.');
  const report = await replay({
    ...rooms,
    lessons: named,
    json: options.json ?? false,
    keep: options.keep ?? false,
    mutate: options.mutate ?? false,
    update: options.update ?? false,
    jobs: jobsOf(options.jobs),
    log: say,
    onProgress: ({ done, all, playing }) => {
      if (options.json !== true && all > 1) say(`[${done} of ${all}] ${playing.join(', ')}`.trimEnd());
    },
  });
  await writeJunit(STATE, report);
  if (options.update) (await proposeOutputs(ROOT, catalogue, report)).forEach(say);
  if (options.record) for (const file of await recordProofs(ROOT, catalogue, report)) say(`wrote ${file}`);
  if (options.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  process.exitCode = report.failed > 0 ? 1 : 0;
}

/** @returns null where nothing is left to prove */
async function namesOf(
  catalogue: Catalogue,
  lessons: readonly string[],
  changed: ProveOptions['changed'],
): Promise<readonly string[] | null> {
  if (changed === undefined) return lessons;
  const files = await changedFiles(ROOT, changed === true ? 'HEAD' : changed);
  const touched = changedLessons(catalogue.courses, files);
  const wanted = touched.filter(
    (name) => lessons.length === 0 || lessons.some((each) => name === each || name.startsWith(`${each}/`)),
  );
  return wanted.length === 0 ? null : wanted;
}

function jobsOf(jobs: string | undefined): number {
  const number = Number(jobs ?? 1);
  if (Number.isInteger(number) && number >= 1 && number <= 64) return number;
  throw new Problem('bad-request', `--jobs takes a number from 1 to 64, not ${jobs ?? ''}.`);
}
