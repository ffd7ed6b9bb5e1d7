/** What Rucio's server and daemons stand on: environment, configuration, our code, a database with tables. */
import { join } from 'node:path';
import { Problem } from '../../../sandbox-server/contract/errors.ts';
import { findEnvironment, linkGfal, type Environment } from '../environment.ts';
import { commandOf, lakeEnvironment } from '../inside.ts';
import { ownFile, ownFolder } from '../part.ts';
import type { LakePlace } from '../place.ts';
import { sql } from '../postgres/sql.ts';
import { run } from '../../machine/run.ts';
import { provideCode } from './code.ts';
import { alembicIni, homeOf, idpSecrets, rucioCfg } from './configuration.ts';
import { rucioSecrets } from './secrets.ts';

export const LOCK = join(import.meta.dirname, 'requirements.lock');
export const ENVIRONMENT = 'rucio';

export interface Ground {
  readonly environment: Environment;
  readonly env: Readonly<Record<string, string>>;
  /** changes with the configuration and with our code */
  readonly revision: string;
}

export async function rucioGround(place: LakePlace): Promise<Ground> {
  const environment = await findEnvironment(place, ENVIRONMENT, LOCK);
  if (environment === null) throw new Problem('unavailable', 'Rucio is not installed yet: node lake.ts up');
  await linkGfal(environment);
  const configuration = await configure(place, environment);
  const code = await provideCode(place);
  const ground = { environment, env: rucioEnvironment(place, code), revision: `${code} ${configuration}` };
  await provideTables(place, ground);
  return ground;
}

function rucioEnvironment(place: LakePlace, code: string): Record<string, string> {
  const home = homeOf(place);
  return {
    ...lakeEnvironment(place),
    // gunicorn and Rucio's client leave things in the home of whom they run as (trap 29)
    HOME: home,
    LOGNAME: 'rucio',
    USER: 'rucio',
    RUCIO_HOME: home,
    RUCIO_CONFIG: join(home, 'etc/rucio.cfg'),
    PYTHONPATH: code,
    PYTHONDONTWRITEBYTECODE: '1',
    PYTHONUNBUFFERED: '1',
    PALESTRA_LAKE_REQUESTS: requestsLog(place),
    PALESTRA_LAKE_IDL: join(home, 'idl'),
    PALESTRA_LAKE_PACE: paceFile(place),
  };
}

export const requestsLog = (place: LakePlace): string => join(place.folders.log, 'rucio-requests.jsonl');
/** learners whose transfers the daemons hold back, written by the steward */
export const paceFile = (place: LakePlace): string => join(homeOf(place), 'pace.json');

/** @returns the texts, for the revision */
async function configure(place: LakePlace, environment: Environment): Promise<string> {
  const secrets = await rucioSecrets(place);
  const user = place.users.rucio;
  const etc = join(homeOf(place), 'etc');
  await ownFolder(homeOf(place), user);
  for (const name of ['etc', 'idl', 'mail_templates']) await ownFolder(join(homeOf(place), name), user);
  const files = {
    'rucio.cfg': rucioCfg(place, secrets),
    'idpsecrets.json': idpSecrets(place, secrets),
    'alembic.ini': alembicIni(place, secrets, join(environment.site, 'rucio')),
  };
  for (const [name, text] of Object.entries(files)) await ownFile(join(etc, name), text, user);
  return JSON.stringify(files);
}

/** A bootstrap that was interrupted leaves tables without root: begun anew from an empty database. */
async function provideTables(place: LakePlace, ground: Ground): Promise<void> {
  const tables = await sql(
    place,
    "select to_regclass('identities') is not null and to_regclass('accounts') is not null",
  );
  if (tables === 't' && (await sql(place, "select count(*) from account_map where account = 'root'")) !== '0')
    return;
  await sql(place, 'drop database rucio with (force)', 'postgres');
  await sql(place, 'create database rucio owner rucio', 'postgres');
  const argv = [ground.environment.python, '-m', 'palestra_lake.bootstrap'];
  await run(commandOf(place, { argv, user: place.users.rucio }), { env: { ...ground.env }, ms: 180_000 });
}
