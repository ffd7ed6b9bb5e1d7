/** All of Rucio's daemons in one process, at a lab's pace: stock ones take a minute for a round, and 2 GB. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { healthOf, startServer, stopServer, untilHealthy, type Part } from '../part.ts';
import type { LakePlace } from '../place.ts';
import { homeOf } from './configuration.ts';
import { rucioGround } from './ground.ts';

const NAME = 'daemons';
/** a round takes a second; imports and a busy machine some more */
const LATE = 60_000;

/** The daemons write the time of each round into this file. */
const beatFile = (place: LakePlace): string => join(homeOf(place), 'daemons.beat');

export function createDaemonsPart(place: LakePlace): Part {
  const part: Part = {
    name: "Rucio's daemons",
    stage: 'daemons',
    packages: [],
    async start() {
      const ground = await rucioGround(place);
      await startServer(place, {
        name: NAME,
        argv: ['nice', ground.environment.python, '-m', 'palestra_lake.daemons'],
        user: place.users.rucio,
        env: { ...ground.env, PALESTRA_LAKE_BEAT: beatFile(place) },
        cwd: homeOf(place),
        revision: ground.revision,
      });
      await untilHealthy(place, part, [NAME], 120_000);
    },
    health: () => healthOf(place, [NAME], () => lastRound(place)),
    stop: () => stopServer(place, NAME),
    reset: () => Promise.resolve(),
  };
  return part;
}

/** @throws Error where there was no round for a minute */
async function lastRound(place: LakePlace): Promise<string> {
  const text = await readFile(beatFile(place), 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  });
  const ago = Date.now() - Number(text) * 1000;
  if (text === '' || ago > LATE) throw new Error('the daemons have not gone round yet');
  return `last round ${Math.max(0, Math.round(ago / 1000))} s ago`;
}
