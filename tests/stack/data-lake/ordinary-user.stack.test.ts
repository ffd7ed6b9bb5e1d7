/** A lake of somebody who is not root: everything works, as that user; what cannot work says what to do. */
import { execFile } from 'node:child_process';
import { mkdtemp, chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ServiceStatus } from '../../../sandbox-server/contract/service.ts';
import { isAlive } from '../../../sandbox-server/sandboxes/local/process.ts';
import { runningServer } from '../../../infra/data-lake/part.ts';
import { AS_ORDINARY, ORDINARY, missing, openWorld, type Learner, type World } from './world.ts';
import { until } from '../until.ts';

const lacks = missing();
if (lacks !== null) console.warn(`skipped: ${lacks}`);
const LAKE = join(import.meta.dirname, '../../../infra/data-lake/lake.ts');
const UP = [process.execPath, LAKE, 'up'];
const SERVERS = ['postgres', 'issuer', 'transfer', 'rucio', 'daemons', 'steward', 'gates', 'xrootd-cnaf'];

describe.skipIf(lacks !== null)('the lake of an ordinary user', () => {
  let world: World;
  let learner: Learner;

  beforeAll(async () => {
    world = await openWorld({ fresh: true, ordinary: true });
  });
  afterAll(async () => {
    await world.close();
    await rm(world.place.root, { recursive: true, force: true });
  });

  it('starts, says as whom, and runs whole', async () => {
    const { code, lines } = await world.lake('up');
    expect([code, lines.at(-1)]).toEqual([0, { ready: true, seconds: expect.any(Number) as number }]);
    const said = lines.find(({ stage }) => stage === 'user');
    expect(said?.['label']).toContain('Running every server as one user');
    expect(ServiceStatus.parse((await world.lake('status')).lines.at(-1)).state).toBe('up');
  });

  it('every server is that user, with no right of the namespace it was started in', async () => {
    for (const name of SERVERS) {
      const running = await runningServer(world.place, name);
      const text = await readFile(`/proc/${running?.pid ?? `${name} does not run`}/status`, 'utf8');
      expect([name, /^Uid:\s+(\d+)/m.exec(text)?.[1]]).toEqual([name, ORDINARY]);
      expect(
        [name, ...text.matchAll(/^Cap(?:Prm|Eff|Amb):\s+(\w+)/gm)].slice(1).map((one) => one[1]),
      ).toEqual(Array(3).fill('0'.repeat(16)));
    }
  });

  it('a learner uploads with the real client, asks for a second copy, and reads it from there', async () => {
    learner = await world.learner('volta');
    await learner.shell('head -c 100000 /dev/urandom > run.dat');
    const put = await learner.rucio('upload', '--rse', 'CNAF_USERDISK', '--scope', learner.scope, 'run.dat');
    expect(put.out).toContain('Successfully uploaded');
    const did = `${learner.scope}:run.dat`;
    const [rule] = (await learner.rucio('rule', 'add', '--copies', '1', '--rses', 'NAPOLI_USERDISK', did)).out
      .split('\n')
      .filter((line) => /^[0-9a-f]{32}$/.test(line));
    await until(
      async () => (await learner.rows('GET', `/rules/${rule}`))[0]?.['state'],
      (state) => state === 'OK',
    );
    await learner.rucio('download', '--rses', 'NAPOLI_USERDISK', '--dir', 'back', did);
    expect((await learner.shell(`cmp run.dat back/${learner.scope}/run.dat && echo same`)).out).toBe(
      'same\n',
    );
  });

  it('root does not take it over', async () => {
    const [code, said] = await ran(UP, environment(world));
    expect([code, said]).toEqual([1, expect.stringContaining("is another user's") as string]);
  });

  it('down leaves no process', async () => {
    const servers = await Promise.all(SERVERS.map((name) => runningServer(world.place, name)));
    expect(servers).not.toContain(null);
    expect((await world.lake('down')).code).toBe(0);
    for (const one of servers) expect(one !== null && (await isAlive(one))).toBe(false);
  });
});

describe.skipIf(lacks !== null)('an ordinary user is told what to do', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'palestra-ordinary-'));
    await chmod(folder, 0o777);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const env = () => ({ ...process.env, PALESTRA_STATE: join(folder, 'state'), PALESTRA_LAKE_PORT: '32640' });

  it('where Debian packages are missing and there is no sudo: the one command', async () => {
    const asked = join(folder, 'dpkg-query');
    await writeFile(asked, '#!/bin/sh\necho xrootd-client installed\n', { mode: 0o755 });
    const inside = 'mount --bind "$1" /usr/bin/dpkg-query && shift && exec "$@"';
    const [code, said] = await ran(
      ['unshare', '--mount', 'sh', '-c', inside, 'sh', asked, ...AS_ORDINARY, ...UP],
      env(),
    );
    expect(code).toBe(1);
    expect(said).toMatch(/Run this once.*: sudo apt-get install -y .*postgresql .*xrootd-server$/m);
    expect(said).not.toContain('xrootd-client');
  });

  it('where no user namespaces may be made', async () => {
    const none =
      'echo 0 > /proc/sys/user/max_user_namespaces && exec setpriv --inh-caps=-all --ambient-caps=-all "$@"';
    const inside = ['unshare', '--user', '--map-current-user', '--keep-caps', 'sh', '-c', none, 'sh'];
    const [code, said] = await ran([...AS_ORDINARY, ...inside, ...UP], env());
    expect(code).toBe(1);
    expect(said).toContain('needs user namespaces, and gets none');
    expect(said).toContain('user.max_user_namespaces');
  });

  it('where the state folder is another’s', async () => {
    const [code, said] = await ran([...AS_ORDINARY, ...UP], { ...env(), PALESTRA_STATE: '/root/state' });
    expect([code, said]).toEqual([1, expect.stringContaining('PALESTRA_STATE=FOLDER') as string]);
  });
});

function environment({ place }: World): NodeJS.ProcessEnv {
  return { ...process.env, PALESTRA_STATE: join(place.root, '..'), PALESTRA_LAKE_PORT: String(place.port) };
}

/** @returns exit status, and all that it said */
function ran(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<[number, string]> {
  const [program = '', ...words] = argv;
  return new Promise((done) => {
    execFile(program, words, { env }, (error, stdout, stderr) =>
      done([typeof error?.code === 'number' ? error.code : 0, stdout + stderr]),
    );
  });
}
