/** PostgreSQL is restarted, and killed, while learners work: no request fails, nothing acknowledged is lost. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { runningServer } from '../../../infra/data-lake/part.ts';
import { DATABASE_PORT, socketFolder } from '../../../infra/data-lake/postgres/settings.ts';
import { asPostgres } from '../../../infra/data-lake/postgres/sql.ts';
import { signalServer } from '../../../infra/data-lake/testing/signal-server.ts';
import { missing, openWorld, type Learner, type World } from './world.ts';
import { until } from '../until.ts';

const lacks = missing();
if (lacks !== null) console.warn(`skipped: ${lacks}`);
const N = Date.now().toString(36);

describe.skipIf(lacks !== null)('PostgreSQL under load', () => {
  let world: World;
  let learner: Learner;

  beforeAll(async () => {
    world = await openWorld();
    await world.up();
    learner = await world.learner('marconi');
  });

  /** As Rucio's client does: 503 is tried again. @returns names that were acknowledged, and answers that were neither */
  async function makeDatasets(series: string, signal: AbortSignal) {
    const [acknowledged, bad]: [string[], string[]] = [[], []];
    for (let n = 0; !signal.aborted; n += 1) {
      const name = `${series}-${N}-${n}`;
      for (let tries = 0; ; tries += 1) {
        const { status, body } = await learner.rest('POST', `/dids/${learner.scope}/${name}`, {
          type: 'DATASET',
        });
        if (status === 201 || (status === 409 && tries > 0)) acknowledged.push(name);
        else if (status === 503) {
          await delay(100);
          continue;
        } else bad.push(`${name}: ${status} ${body}`);
        break;
      }
    }
    return { acknowledged, bad };
  }

  it.each([
    ['restarted', 'SIGINT' as const],
    ['killed', 'SIGKILL' as const],
  ])(
    '%s: four writers see nothing but "again", and what was acknowledged is there',
    async (series, signal) => {
      const stop = new AbortController();
      const writers = Array.from({ length: 4 }, (_, n) => makeDatasets(`${series}${n}`, stop.signal));
      await delay(1_500);
      await signalServer(world.place, 'postgres', signal);
      await until(
        () => runningServer(world.place, 'postgres'),
        (running) => running === null,
      );
      // the dead part alone is started
      const up = await world.lake('up');
      expect(up.code).toBe(0);
      await delay(1_500);
      stop.abort();
      const results = await Promise.all(writers);
      expect(results.flatMap(({ bad }) => bad)).toEqual([]);
      const names = results.flatMap(({ acknowledged }) => acknowledged);
      expect(names.length).toBeGreaterThan(20);
      for (const name of names) {
        const { status } = await learner.rest('GET', `/dids/${learner.scope}/${name}`);
        expect([name, status]).toEqual([name, 200]);
      }
    },
  );

  it('killed and not reaped yet, it is not taken for a living one', async () => {
    await signalServer(world.place, 'postgres', 'SIGKILL');
    await until(
      () => runningServer(world.place, 'postgres'),
      (running) => running === null,
    );
    await using dead = await zombie(asPostgres(world.place));
    const files = [
      join(world.place.folders.postgres, 'data/postmaster.pid'),
      join(socketFolder(world.place), `.s.PGSQL.${DATABASE_PORT}.lock`),
    ];
    for (const file of files)
      await writeFile(file, (await readFile(file, 'utf8')).replace(/^\d+/, String(dead.pid)));
    const up = await world.lake('up');
    expect(up.code).toBe(0);
  });

  it('and the daemons go on: an upload and a rule turn OK afterwards', async () => {
    const name = `after-${N}.dat`;
    await learner.shell(`head -c 1000 /dev/urandom > ${name}`);
    await learner.rucio('upload', '--rse', 'CNAF_USERDISK', '--scope', learner.scope, name);
    await learner.rucio(
      'rule',
      'add',
      '--copies',
      '1',
      '--rses',
      'NAPOLI_USERDISK',
      `${learner.scope}:${name}`,
    );
    await until(
      () => learner.rows('GET', `/dids/${learner.scope}/${name}/rules`),
      (rules) => rules.length === 2 && rules.every((rule) => rule['state'] === 'OK'),
    );
  });
});

/**
 * A process that ended and whose parent never asks how.
 * @param as words that make a command PostgreSQL's: another's process it would know for none of its own
 */
async function zombie(as: readonly string[]): Promise<AsyncDisposable & { readonly pid: number }> {
  const [command = '', ...words] = [...as, 'bash', '-c', 'sleep 0.2 & echo $!; exec sleep 600'];
  const parent = spawn(command, words, {
    stdio: ['ignore', 'pipe', 'ignore'],
    cwd: '/',
  });
  const [said] = (await once(parent.stdout, 'data')) as [Buffer];
  const pid = Number(said.toString());
  const stat = () => readFile(`/proc/${pid}/stat`, 'utf8');
  await until(stat, (text) => text.includes(') Z '));
  return {
    pid,
    async [Symbol.asyncDispose]() {
      const over = once(parent, 'exit');
      parent.kill('SIGKILL');
      await over;
    },
  };
}
