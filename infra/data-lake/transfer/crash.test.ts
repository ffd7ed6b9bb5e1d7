/** The service is killed at the worst moments: no transfer is lost, none is done twice wrongly. */
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Peer } from './testing/peer.ts';
import { ended, fileFor, submit } from './testing/rucio.ts';
import { runService, type Killable } from './testing/run-until-killed.ts';
import { createWorld, until, type World } from './testing/world.ts';
import type { Settings } from './settings.ts';

let world: World;
let cnaf: Peer;
let napoli: Peer;
let settings: Settings;
const running: Killable[] = [];

beforeAll(async () => {
  world = await createWorld();
  [cnaf, napoli] = [await world.peer('cnaf'), await world.peer('napoli')];
});
afterAll(async () => {
  for (const one of running) await one.kill();
  await world.close();
});
afterEach(() => {
  for (const peer of [cnaf, napoli]) {
    peer.behave();
    peer.files.clear();
    peer.asked.splice(0);
  }
});

const PATH = '/rucio/user/ada/77/b6/run42.root';
const BYTES = Buffer.from('muons and their tracks, '.repeat(500));

async function run(): Promise<Killable> {
  const service = await runService(world, settings);
  running.push(service);
  return service;
}
async function submitted(service: Killable, params = {}): Promise<string> {
  cnaf.files.set(PATH, BYTES);
  const file = await fileFor(world, { sources: [cnaf], destination: napoli, path: PATH, bytes: BYTES });
  return submit(service, [file], params);
}
const copies = () => napoli.asked.filter((one) => one.method === 'COPY').length;

// each starts processes, on a machine that may be busy
vi.setConfig({ testTimeout: 90_000 });

describe('killed -9', () => {
  it('between COPY and its record: the file that arrived is FINISHED, and not copied again', async () => {
    settings = await world.settings([cnaf, napoli], {
      patience: { answerMs: 1500, checksumMs: 20_000, beginMs: 1500, silenceMs: 5000, standstillMs: 5000 },
    });
    const first = await run();
    const id = await submitted(first);
    // the copy has succeeded, and the look at what arrived does not come back: nothing is recorded yet
    await until(copies, (n) => n === 1);
    napoli.misbehave({ kind: 'hang', method: 'HEAD' });
    await until(
      () => napoli.files.get(PATH)?.length,
      (length) => length === BYTES.length,
    );
    await first.kill();
    napoli.behave();

    const job = await ended(await run(), id);
    expect(job.files[0]).toMatchObject({ file_state: 'FINISHED', reason: null });
    expect(copies()).toBe(1);
    expect(napoli.files.get(PATH)?.equals(BYTES)).toBe(true);
  });

  it.each([true, false])(
    'in the middle of a COPY: the half file is removed and copied again (overwrite %s)',
    async (overwrite) => {
      settings = await world.settings([cnaf, napoli]);
      const first = await run();
      napoli.misbehave({ kind: 'slow', ms: 100 }, 1);
      const id = await submitted(first, { overwrite });
      await until(
        () => napoli.files.get(PATH)?.length ?? 0,
        (length) => length > 0,
      );
      await first.kill();
      await until(
        () => napoli.copying,
        (n) => n === 0,
      );
      expect(napoli.files.get(PATH)?.length).toBeLessThan(BYTES.length);

      const job = await ended(await run(), id);
      expect(job.files[0]).toMatchObject({ file_state: 'FINISHED' });
      expect(napoli.files.get(PATH)?.equals(BYTES)).toBe(true);
      expect(copies()).toBe(2);
    },
  );

  it('with jobs in the queue: each is done once, none is lost', async () => {
    settings = await world.settings([cnaf, napoli], {
      limits: { total: 2, perLink: 2, inbound: 2, outbound: 2 },
    });
    const first = await run();
    napoli.misbehave({ kind: 'slow', ms: 5 });
    const paths = Array.from({ length: 6 }, (_, n) => `/rucio/user/ada/run${n}.root`);
    const ids: string[] = [];
    for (const path of paths) {
      cnaf.files.set(path, BYTES);
      ids.push(
        await submit(first, [
          await fileFor(world, { sources: [cnaf], destination: napoli, path, bytes: BYTES }),
        ]),
      );
    }
    await until(
      () => napoli.files.size,
      (n) => n >= 3,
    );
    await first.kill();
    const second = await run();
    for (const id of ids) expect((await ended(second, id)).job_state).toBe('FINISHED');
    for (const path of paths) expect(napoli.files.get(path)?.equals(BYTES)).toBe(true);
    // two were under way when it was killed
    expect(copies()).toBeLessThanOrEqual(paths.length + 2);
  });

  it('while a canceled copy is cleaned up: the half file goes all the same', async () => {
    settings = await world.settings([cnaf, napoli]);
    const first = await run();
    napoli.misbehave({ kind: 'slow', ms: 100 }, 1);
    const id = await submitted(first);
    await until(
      () => napoli.files.get(PATH)?.length ?? 0,
      (length) => length > 0,
    );
    napoli.misbehave({ kind: 'hang', method: 'DELETE' });
    await first.ask('DELETE', `/jobs/${id}`);
    await until(
      () => napoli.asked.some((one) => one.method === 'DELETE'),
      (seen) => seen,
    );
    await first.kill();
    napoli.behave();

    const job = await ended(await run(), id);
    expect(job.job_state).toBe('CANCELED');
    await until(
      () => napoli.files.has(PATH),
      (there) => !there,
    );
  });
});

describe('stopped', () => {
  it('breaks copies off at once, exits 0, and takes them up at the next start', async () => {
    settings = await world.settings([cnaf, napoli]);
    const first = await run();
    napoli.misbehave({ kind: 'slow', ms: 200 }, 1);
    const id = await submitted(first);
    await until(
      () => napoli.files.get(PATH)?.length ?? 0,
      (length) => length > 0,
    );
    const before = Date.now();
    expect(await first.stop()).toBe(0);
    expect(Date.now() - before).toBeLessThan(3500);
    const job = await ended(await run(), id);
    expect(job.job_state).toBe('FINISHED');
    expect(napoli.files.get(PATH)?.equals(BYTES)).toBe(true);
  });
});

describe('the same file asked for twice, since an answer was lost', () => {
  it('is copied once: the second job finds it there', async () => {
    settings = await world.settings([cnaf, napoli]);
    const service = await run();
    napoli.misbehave({ kind: 'slow', ms: 10 });
    const [one, two] = [await submitted(service), await submitted(service)];
    expect((await ended(service, one)).job_state).toBe('FINISHED');
    expect((await ended(service, two)).job_state).toBe('FINISHED');
    expect(copies()).toBe(1);
  });
});
