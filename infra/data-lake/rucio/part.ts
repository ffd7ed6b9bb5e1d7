/** Rucio's REST server under gunicorn, and what is in it before the first learner comes. */
import { rm } from 'node:fs/promises';
import { ask } from '../ask.ts';
import { healthOf, ownFile, startServer, stopServer, untilHealthy, type Part } from '../part.ts';
import type { LakePlace } from '../place.ts';
import { homeOf } from './configuration.ts';
import { rucioGround, requestsLog, type Ground } from './ground.ts';
import { createRucio } from './rest.ts';
import { rootPassword } from './secrets.ts';
import { setUpElements } from './set-up.ts';

const NAME = 'rucio';

export function createRucioPart(place: LakePlace): Part {
  const part: Part = {
    name: 'Rucio',
    stage: 'rucio',
    packages: ['python3', 'python3-venv', 'gfal2', 'gfal2-plugin-http', 'gfal2-plugin-file', 'python3-gfal2'],
    async start() {
      const ground = await rucioGround(place);
      await provideRequestsLog(place);
      await startServer(place, {
        name: NAME,
        argv: gunicorn(place, ground),
        user: place.users.rucio,
        env: ground.env,
        cwd: homeOf(place),
        revision: ground.revision,
      });
      await untilHealthy(place, part, [NAME], 120_000);
      const rucio = createRucio(place, await rootPassword(place));
      try {
        await setUpElements(place, rucio);
      } finally {
        rucio.close();
      }
    },
    health: () => healthOf(place, [NAME], () => versionOf(place)),
    stop: () => stopServer(place, NAME),
    // its data are PostgreSQL's; metadata of files under way and what was noted of elements are here
    reset: () => rm(homeOf(place), { recursive: true, force: true }),
  };
  return part;
}

/** Without --preload: workers would share the database's sockets, and answers would cross (trap 16). */
function gunicorn(place: LakePlace, ground: Ground): readonly string[] {
  const { cert, key } = place.authority.certificates.rucio;
  return [
    ...[ground.environment.python, '-m', 'gunicorn', 'palestra_lake.wsgi:application'],
    ...['--bind', `${place.listen}:${place.rucio.port}`, '--workers', '2', '--threads', '4'],
    ...['--certfile', cert, '--keyfile', key],
    ...['--graceful-timeout', '5', '--timeout', '120', '--keep-alive', '15'],
    ...['--worker-tmp-dir', '/dev/shm', '--no-control-socket'],
  ];
}

async function versionOf(place: LakePlace): Promise<string> {
  const answer = await ask(place, place.rucio, '/ping');
  if (answer.status !== 200) throw new Error(`Rucio answered /ping with ${answer.status}`);
  return `Rucio ${(JSON.parse(answer.body) as { version: string }).version}`;
}

/** Written by Rucio's user, in a folder that is not its own. */
async function provideRequestsLog(place: LakePlace): Promise<void> {
  await ownFile(requestsLog(place), '', place.users.rucio);
}
