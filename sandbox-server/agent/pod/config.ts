/**
 * The agent's configuration in a pod: nobody writes a file for it. What the sandbox is made of stands in the image, who it
 * is comes from the pod, whom it trusts from a mounted folder. Nothing of a learner in any of them.
 */
import fs from 'node:fs';
import { join } from 'node:path';
import type { AgentConfig } from '../../contract/agent.ts';
import { sandboxIdOf } from '../../contract/pod-id.ts';
import { certificateIn } from './certificate.ts';
import { keysIn } from './keys.ts';

/** Where things stand in a pod; tests lay them elsewhere. */
export interface PodPlaces {
  /** `{ kit, path, env, shell }`, written when the image was built */
  readonly kit: string;
  readonly keys: string;
  readonly home: string;
  /** the pod's own volume, kept when the container starts again */
  readonly run: string;
  readonly port: number;
}
const PLACES: PodPlaces = {
  kit: '/opt/palestra/kit.json',
  keys: '/etc/palestra/keys',
  home: '/home/learner',
  run: '/run/palestra',
  port: 7070,
};
const TINI = '/usr/bin/tini';
const CHOOM = '/usr/bin/choom';
/** added to the score of all that a learner starts: when memory ends, theirs go and the agent stays (cluster finding 3) */
const OOM_SCORE = '500';

type Env = Readonly<Record<string, string | undefined>>;

/** @throws Error naming what is missing: the container's log is all that an operator sees of it */
export async function podConfig(env: Env = process.env, places: PodPlaces = PLACES): Promise<AgentConfig> {
  const uid = env['PALESTRA_POD_UID'];
  if (uid === undefined || uid === '')
    throw new Error('PALESTRA_POD_UID is not set: this pod does not know who it is');
  const sandbox = sandboxIdOf(uid);
  const keys = keysIn(places.keys);
  if (keys.length === 0)
    throw new Error(`${places.keys} holds no key of a server: nobody could use this sandbox`);
  const logs = join(places.run, 'logs');
  fs.mkdirSync(logs, { recursive: true, mode: 0o700 });
  const { env: kitEnv, ...kit } = kitIn(places.kit);
  const image = env['PALESTRA_IMAGE'];
  return {
    ...kit,
    env: { ...kitEnv, ...(image === undefined ? {} : { PALESTRA_IMAGE: image }) },
    sandbox,
    keys: [...keys],
    keysFolder: places.keys,
    listen: { host: '0.0.0.0', port: places.port, tls: await certificateIn(places.run, sandbox) },
    home: places.home,
    logs,
    services: join(places.run, 'services'),
    reaper: [
      ...(fs.existsSync(CHOOM) ? [CHOOM, '-n', OOM_SCORE, '--'] : []),
      ...(fs.existsSync(TINI) ? [TINI, '-s', '--'] : []),
    ],
    // memory is the kernel's to hold; a disk that is too full costs the whole pod, so the agent steps in before
    watch: { memory: null, disk: bound(env['PALESTRA_DISK']), pids: bound(env['PALESTRA_PIDS']) },
  };
}

function kitIn(file: string): Pick<AgentConfig, 'path' | 'env' | 'shell'> {
  const read: unknown = JSON.parse(fs.readFileSync(file, 'utf8'));
  const { path, env, shell } = (typeof read === 'object' && read !== null ? read : {}) as Record<
    string,
    unknown
  >;
  const texts = (value: unknown): value is string[] =>
    Array.isArray(value) && value.every((one) => typeof one === 'string');
  const good =
    texts(path) &&
    typeof env === 'object' &&
    env !== null &&
    texts(Object.values(env)) &&
    typeof shell === 'string';
  if (!good) throw new Error(`${file} does not say what this kit is made of: path, env and shell are needed`);
  return { path, env: env as Record<string, string>, shell };
}

/** @returns null where there is none to watch */
function bound(text: string | undefined): number | null {
  if (text === undefined || text === '') return null;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value <= 0)
    throw new Error(`a bound of this pod is no number: ${text}`);
  return value;
}
