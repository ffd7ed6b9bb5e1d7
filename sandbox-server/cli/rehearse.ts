/** `palestra prove LESSON --class N`: a rehearsal of the lesson by so many learners at once, before they are there. */
import { describeRehearsal, rehearse } from '../checks/rehearse/index.ts';
import { selectLessons } from '../checks/prove/select.ts';
import { Problem } from '../contract/errors.ts';
import type { ProveOptions } from './palestra.ts';
import { openProofRooms, say } from './proof-rooms.ts';

const MOST = 200;

/** Exit status 1 where somebody did not come to the end. @throws Problem `bad-request` for anything but one lesson and a size */
export async function rehearseClass(
  lessons: readonly string[],
  text: string,
  options: ProveOptions,
): Promise<void> {
  const size = Number(text);
  if (!Number.isInteger(size) || size < 1 || size > MOST)
    throw new Problem('bad-request', `--class takes a number of learners from 1 to ${MOST}, not ${text}.`);
  await using opened = new AsyncDisposableStack();
  const rooms = await openProofRooms(options, opened);
  const [lesson, ...more] = selectLessons(rooms.catalogue, lessons);
  if (lesson === undefined || more.length > 0)
    throw new Problem(
      'bad-request',
      'A class plays one lesson: name it, e.g. dask/1-local-cluster --class 28.',
    );
  const onProgress = (done: number, all: number): void => {
    if (options.json !== true) say(`${done} of ${all} learners have come to their end`);
  };
  const told = await rehearse({ ...rooms, log: say, onProgress }, lesson, size);
  if (options.json) process.stdout.write(`${JSON.stringify(told, null, 2)}\n`);
  else describeRehearsal(told).forEach((line) => process.stdout.write(`${line}\n`));
  process.exitCode = told.failures.length > 0 ? 1 : 0;
}
