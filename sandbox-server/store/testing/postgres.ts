/**
 * A real PostgreSQL for tests: Debian's programs, a cluster in a temporary folder, a socket there and nothing else.
 * Killed and started again by tests that say so.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { postgresPrograms } from '../../../infra/data-lake/postgres/programs.ts';
import { run } from '../../../infra/machine/run.ts';
import { onServer } from './on-server.ts';

export interface TestPostgres {
  /** a superuser's, for the database `postgres` */
  readonly url: string;
  /** SIGINT is how PostgreSQL is restarted: connections are cut; SIGKILL is a crash */
  stop(signal: 'SIGINT' | 'SIGKILL'): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}
/** the password by which tests come in: it must stand in no log and no message */
export const PASSWORD = 'canary-5f1e';

/** @param words more `-c name=value` */
export async function startPostgres(words: readonly string[] = []): Promise<TestPostgres> {
  const programs = await postgresPrograms();
  const folder = await mkdtemp(join(tmpdir(), 'pg-'));
  const data = join(folder, 'data');
  const as = await postgresUser(folder);
  await writeFile(join(folder, 'password'), PASSWORD, { mode: 0o644 });
  await run(
    [...as, join(programs, 'initdb'), '-D', data, '-U', 'tester', '-E', 'UTF8', '--locale=C.UTF-8'].concat([
      '--auth=scram-sha-256',
      '--no-sync',
      `--pwfile=${join(folder, 'password')}`,
    ]),
  );
  const argv = [...as, join(programs, 'postgres'), '-D', data, '-k', folder, '-c', 'listen_addresses='];
  const quick = ['-c', 'max_connections=200', '-c', 'shared_buffers=32MB', '-c', 'jit=off', ...words];
  let server: ChildProcess | null = null;
  const url = `postgres://tester:${PASSWORD}@/postgres?host=${encodeURIComponent(folder)}`;
  const it: TestPostgres = {
    url,
    async start() {
      const [program = '', ...args] = [...argv, ...quick];
      await using log = await open(join(folder, 'log'), 'a');
      server = spawn(program, args, { stdio: ['ignore', 'ignore', log.fd], env: { PATH: '/usr/bin:/bin' } });
      await untilAnswers(url);
    },
    async stop(signal) {
      if (server?.pid === undefined) throw new Error('PostgreSQL does not run');
      const ended = once(server, 'exit');
      server.kill(signal);
      await ended;
      server = null;
      // after a kill its children see the end of their parent and go; a pid file of a dead one stands in no way
      if (signal === 'SIGKILL') await rm(join(data, 'postmaster.pid'), { force: true });
    },
    async close() {
      if (server !== null) await it.stop('SIGINT');
      await rm(folder, { recursive: true, force: true });
    },
  };
  await it.start();
  return it;
}

/** PostgreSQL refuses to run as root: then as Debian's user. */
async function postgresUser(folder: string): Promise<string[]> {
  if (process.getuid?.() !== 0) return [];
  const [uid = NaN, gid = NaN] = (await run(['id', '-u', 'postgres']))
    .trim()
    .split(' ')
    .concat(await run(['id', '-g', 'postgres']))
    .map(Number);
  await chown(folder, uid, gid);
  return ['setpriv', '--reuid=postgres', '--regid=postgres', '--init-groups'];
}

async function untilAnswers(url: string): Promise<void> {
  for (const deadline = Date.now() + 30_000; ; await wait(50)) {
    try {
      return await onServer(url, 'select 1');
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}
