/** PostgreSQL for Rucio: reached by a unix socket only, as its own user, in the lake's folder. */
import { readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { processName } from '../../../sandbox-server/sandboxes/local/process.ts';
import { isThere } from '../../../sandbox-server/sandboxes/local/settle.ts';
import {
  healthOf,
  ownFile,
  ownFolder,
  runningServer,
  startServer,
  stopServer,
  untilHealthy,
  type Part,
} from '../part.ts';
import type { LakePlace } from '../place.ts';
import { run } from '../../machine/run.ts';
import { databasePassword } from './password.ts';
import { accessRules, DATABASE_PORT, postgresConf, socketFolder } from './settings.ts';
import { asPostgres, sql, superuser } from './sql.ts';
import { postgresPrograms } from './programs.ts';

const NAME = 'postgres';
/** connections are cut and everything is written; SIGTERM would wait for Rucio to go first */
const STOP = { signal: 'SIGINT', ms: 20_000 } as const;

export function createPostgresPart(place: LakePlace): Part {
  const data = join(place.folders.postgres, 'data');
  const part: Part = {
    name: 'PostgreSQL',
    stage: 'postgres',
    packages: ['postgresql'],
    async start() {
      const programs = await postgresPrograms();
      await ownFolder(socketFolder(place), place.users.postgres, 0o755);
      if (!(await isThere(join(data, 'PG_VERSION')))) await initialise(place, programs, data);
      const settings = postgresConf(place);
      await ownFile(join(data, 'postgresql.conf'), settings, place.users.postgres);
      await ownFile(join(data, 'pg_hba.conf'), accessRules(superuser(place)), place.users.postgres);
      await forgetDead(place, data);
      await startServer(place, {
        name: NAME,
        argv: [join(programs, 'postgres'), '-D', data],
        user: place.users.postgres,
        revision: settings,
        stop: STOP,
      });
      await untilHealthy(place, part, [NAME]);
      await provideDatabase(place);
    },
    health: () =>
      healthOf(
        place,
        [NAME],
        async () => `PostgreSQL ${await sql(place, 'show server_version', 'postgres')}`,
      ),
    stop: () => stopServer(place, NAME, STOP),
    reset: () => rm(data, { recursive: true, force: true }),
  };
  return part;
}

/** Under another name first: an initdb that was interrupted leaves no half cluster. */
async function initialise(place: LakePlace, programs: string, data: string): Promise<void> {
  const building = `${data}.new`;
  await rm(building, { recursive: true, force: true });
  await ownFolder(building, place.users.postgres);
  const options = ['-U', superuser(place), '-E', 'UTF8', '--locale=C.UTF-8', '--auth=peer', '--no-sync'];
  await run([...asPostgres(place), join(programs, 'initdb'), '-D', building, ...options]);
  await rename(building, data);
}

/**
 * A killed server leaves its pid file and its socket's lock, and where nobody reaps it (a container without an init, or
 * one that takes its time) its pid too: PostgreSQL would take the zombie for a living server and not start.
 */
async function forgetDead(place: LakePlace, data: string): Promise<void> {
  if ((await runningServer(place, NAME)) !== null) return;
  const lock = join(socketFolder(place), `.s.PGSQL.${DATABASE_PORT}.lock`);
  for (const file of [join(data, 'postmaster.pid'), lock]) {
    if (!(await isThere(file))) continue;
    const pid = Number((await readFile(file, 'utf8')).split('\n')[0]);
    if ((await processName(pid)) === null) await rm(file);
  }
}

/** The role and the database, with the password that Rucio's configuration has. */
async function provideDatabase(place: LakePlace): Promise<void> {
  const password = await databasePassword(place);
  const [roles, bases] = [
    await sql(place, "select count(*) from pg_roles where rolname = 'rucio'", 'postgres'),
    await sql(place, "select count(*) from pg_database where datname = 'rucio'", 'postgres'),
  ];
  if (roles === '0') await sql(place, 'create role rucio login', 'postgres');
  await sql(place, "alter role rucio password :'password'", 'postgres', { password });
  if (bases === '0') await sql(place, 'create database rucio owner rucio', 'postgres');
}
