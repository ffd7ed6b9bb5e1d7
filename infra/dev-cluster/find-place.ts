/** Which cluster the environment asks for, and its folders. */
import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { Problem } from '../../sandbox-server/contract/errors.ts';
import { LAST_NUMBER, OWN_NUMBER, clusterPlace, type ClusterPlace } from './place.ts';

/** a unix socket's path has at most 107 bytes, `supervisor.sock` included */
const LONGEST_ROOT = 107 - '/supervisor.sock'.length;

/**
 * `PALESTRA_STATE` (default: `.palestra` of this checkout), `PALESTRA_CLUSTER_NUMBER` (default 1), `PALESTRA_CACHE`
 * (default: `~/.cache/palestra`). Makes nothing.
 * @throws Problem `bad-request` for a number that is none, or a folder whose sockets would have too long a name
 */
export function clusterOfEnvironment(env: NodeJS.ProcessEnv, repository: string): ClusterPlace {
  const state = resolve(env['PALESTRA_STATE'] ?? join(repository, '.palestra'));
  const number = Number(env['PALESTRA_CLUSTER_NUMBER'] ?? OWN_NUMBER);
  if (!Number.isInteger(number) || number < 1 || number > LAST_NUMBER)
    throw new Problem(
      'bad-request',
      `PALESTRA_CLUSTER_NUMBER is ${env['PALESTRA_CLUSTER_NUMBER']}; it must be 1 to ${LAST_NUMBER}.`,
    );
  const root = join(state, 'cluster');
  if (Buffer.byteLength(root) > LONGEST_ROOT)
    throw new Problem(
      'bad-request',
      `${root} is too long a name for the sockets in it. Set PALESTRA_STATE to a folder with a shorter one.`,
    );
  return clusterPlace({ root, number, cache: join(cacheFolder(env), 'cluster') });
}

function cacheFolder(env: NodeJS.ProcessEnv): string {
  const given = env['PALESTRA_CACHE'];
  if (given !== undefined && given !== '') return resolve(given);
  return join(env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'palestra');
}

/** Held by whoever changes the cluster. */
export function lockOf(place: ClusterPlace): string {
  return join(place.folders.run, 'lock');
}

export async function layOut(place: ClusterPlace): Promise<void> {
  await mkdir(place.root, { recursive: true, mode: 0o700 });
  for (const folder of Object.values(place.folders)) await mkdir(folder, { recursive: true, mode: 0o700 });
}
