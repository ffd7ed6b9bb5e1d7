/** The lake as a whole: from an empty state to ready, found again, mended part by part, ended without a trace. */
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ServiceAddress, ServiceStatus, UpLine } from '../../../sandbox-server/contract/service.ts';
import { runningServer } from '../../../infra/data-lake/part.ts';
import { signalServer } from '../../../infra/data-lake/testing/signal-server.ts';
import { missing, openWorld, type World } from './world.ts';
import { until } from '../until.ts';

const lacks = missing();
if (lacks !== null) console.warn(`skipped: ${lacks}`);
const SERVERS = ['postgres', 'issuer', 'transfer', 'rucio', 'daemons', 'steward', 'gates', 'xrootd-cnaf'];

describe.skipIf(lacks !== null)('the lake', () => {
  let world: World;

  // first: what a learner who is first waits for
  beforeAll(async () => {
    world = await openWorld({ fresh: true });
  }, 60_000);
  afterAll(async () => {
    await world.up(); // other tests go on with it
  });

  const status = async () => ServiceStatus.parse((await world.lake('status')).lines.at(-1));
  const pids = async () => {
    const all = await Promise.all(SERVERS.map((name) => runningServer(world.place, name)));
    return Object.fromEntries(SERVERS.map((name, at) => [name, all[at]?.pid ?? null]));
  };

  it('has an address before it was ever started', async () => {
    const address = ServiceAddress.parse((await world.lake('address')).lines.at(-1));
    expect(address).toMatchObject({ ca: null, issuer: world.place.issuer });
    expect([...new Set(address.endpoints.map(({ host }) => host.split('.')[0]))]).toEqual([
      'iam',
      'fts',
      'rucio',
      'cnaf',
      'napoli',
      'archive',
    ]);
    expect(await status()).toMatchObject({ state: 'down' });
    const said = await world.lake('admit', '--user', 'nobody', '--sub', 'x');
    expect([said.code, said.lines.at(-1)]).toEqual([
      1,
      { error: { code: 'unavailable', message: 'The data lake is not running.', todo: 'node lake.ts up' } },
    ]);
  });

  it('starts from an empty state within 5 min, says every stage, and takes at most 1.2 GB', async () => {
    const { code, lines, seconds } = await world.lake('up');
    expect([code, lines.at(-1)]).toEqual([0, { ready: true, seconds: expect.any(Number) as number }]);
    expect(seconds).toBeLessThan(300);
    for (const line of lines) UpLine.parse(line);
    const done = lines.filter((line) => line['state'] === 'done').map((line) => line['stage']);
    expect(done).toEqual(
      expect.arrayContaining([
        'authority',
        'postgres',
        'issuer',
        'elements',
        'transfer',
        'rucio',
        'daemons',
      ]) as unknown,
    );
    const found = await status();
    expect(found.state).toBe('up');
    const memory = found.parts.reduce((sum, part) => sum + (part.memory ?? 0), 0);
    expect(memory).toBeGreaterThan(300e6);
    expect(memory).toBeLessThan(1.2e9);
  });

  it('is found again: a second `up` starts nothing', async () => {
    const before = await pids();
    expect(Object.values(before)).not.toContain(null);
    const again = await world.lake('up');
    expect([again.code, again.lines.length]).toEqual([0, 1]);
    expect(await pids()).toEqual(before);
  });

  it('two `up` at once are one', async () => {
    const before = await pids();
    await signalServer(world.place, 'steward');
    await until(
      () => runningServer(world.place, 'steward'),
      (running) => running === null,
    );
    const both = await Promise.all([world.lake('up'), world.lake('up')]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect({ ...(await pids()), steward: 0 }).toEqual({ ...before, steward: 0 });
  });

  it.each(['rucio', 'daemons', 'transfer', 'gates', 'issuer', 'postgres'])(
    'a killed %s alone is started anew',
    async (name) => {
      // tried again after a failure in the middle, it begins from a whole lake as well
      await world.up();
      const before = await pids();
      await signalServer(world.place, name);
      await until(
        () => runningServer(world.place, name),
        (running) => running === null,
      );
      const partly = await status();
      expect(partly.state).toBe('partly');
      expect(partly.parts.filter((part) => !part.ok).length).toBeGreaterThan(0);
      await world.up();
      const after = await pids();
      expect(after[name]).not.toBe(before[name]);
      expect({ ...after, [name]: 0 }).toEqual({ ...before, [name]: 0 });
    },
  );

  it.each(['transfer', 'xrootd-cnaf'])('%s that lives and does not answer is started anew', async (name) => {
    await world.up();
    const before = await pids();
    await signalServer(world.place, name, 'SIGSTOP');
    expect((await status()).state).toBe('partly');
    await world.up();
    const after = await pids();
    expect(after[name]).not.toBe(before[name]);
    expect(after['rucio']).toBe(before['rucio']);
    expect(await readFile(join(world.log, 'lake.log'), 'utf8')).toMatch(
      /does not answer, and is started anew/,
    );
  });

  it('runs every server as a user of its own, none of them root', async () => {
    const uids = new Map<string, number>();
    for (const name of SERVERS.filter((one) => one !== 'steward')) {
      const pid = (await runningServer(world.place, name))?.pid ?? `${name} does not run`;
      uids.set(name, Number(/^Uid:\s+(\d+)/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]));
    }
    expect([...uids.values()]).not.toContain(0);
    expect(uids.get('rucio')).toBe(uids.get('daemons'));
    const owners = ['postgres', 'issuer', 'transfer', 'rucio', 'gates', 'xrootd-cnaf'].map((name) =>
      uids.get(name),
    );
    expect(new Set(owners).size).toBe(6);
  });

  it('down leaves no process and no mount, a second down does nothing, and a warm start follows', async () => {
    expect((await world.lake('down')).code).toBe(0);
    expect(await mentioning(world.place.root)).toEqual([]);
    expect(await readFile('/proc/self/mounts', 'utf8')).not.toContain(world.place.root);
    expect((await world.lake('down')).code).toBe(0);
    expect((await status()).state).toBe('down');
    const warm = await world.lake('up');
    expect(warm.code).toBe(0);
    // 10 s on a quiet machine (npm run bench -- lake); here others work too
    expect(warm.seconds).toBeLessThan(90);
  });

  it('reset forgets data and keeps the authority', async () => {
    const learner = await world.learner('avogadro');
    await learner.rows('POST', `/dids/${learner.scope}/ds`, { type: 'DATASET' });
    const before = await readFile(world.place.authority.ca, 'utf8');
    expect((await world.lake('reset')).code).toBe(0);
    expect((await status()).state).toBe('down');
    await world.up();
    expect(await readFile(world.place.authority.ca, 'utf8')).toBe(before);
    const again = await world.learner('avogadro');
    expect((await again.rest('GET', `/dids/${again.scope}/ds`)).status).toBe(404);
  });
});

/** Command lines of living processes with these words. */
async function mentioning(words: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry) || Number(entry) === process.pid) continue;
    const text = await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => ''); // it ended meanwhile
    if (text.includes(words)) found.push(text.replaceAll('\0', ' ').trim());
  }
  return found;
}
