/** Homes through the real store, database and snapshots: what is newest, who may write it, what holds when parts fail. */
import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Problem } from '../contract/errors.ts';
import { openStore } from '../store/index.ts';
import type { Store } from '../store/index.ts';
import { silentLog } from '../telemetry/index.ts';
import { createHomeKeeper } from './keeper.ts';
import { createHomes } from './homes.ts';
import type { Homes } from './homes.ts';
import { openFolder } from './objects/folder.ts';
import type { ObjectStore } from './objects/object-store.ts';
import { openSandbox } from './testing/sandbox.ts';
import type { TestSandbox } from './testing/sandbox.ts';

const lab = 'labaaaaaaaaaaaaaaaaa';
let folder: string;
let store: Store;
let objects: ObjectStore;
let homes: Homes;
let sandboxes: TestSandbox[] = [];
let now = 1_800_000_000_000;
/** fails what the real store would do */
let broken: Partial<ObjectStore> = {};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'palestra-kept-'));
  store = await openStore(':memory:');
  objects = await openFolder(folder);
  broken = {};
  homes = createHomes({
    objects: new Proxy(objects, { get: (real, name) => ({ ...real, ...broken })[name as keyof ObjectStore] }),
    store,
    log: silentLog(),
    keep: 2,
    patienceMs: 1500,
    clock: () => (now += 1000),
  });
});
afterEach(async () => {
  for (const one of sandboxes) await one[Symbol.asyncDispose]();
  sandboxes = [];
  await store.close();
  await rm(folder, { recursive: true });
});
async function sandbox(): Promise<TestSandbox> {
  const one = await openSandbox();
  sandboxes.push(one);
  return one;
}
/** a lab's home in a sandbox of this name, as a driver brings it there */
async function claimed(name: string): Promise<TestSandbox> {
  const one = await sandbox();
  await homes.restoreInto({ lab, sandbox: name }, one.link);
  return one;
}
const write = (one: TestSandbox, text: string): Promise<void> => writeFile(join(one.home, 'notes'), text);
const read = (one: TestSandbox): Promise<string> => readFile(join(one.home, 'notes'), 'utf8');
const kept = async (): Promise<string[]> =>
  (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.zst')).sort();

describe('a home', () => {
  it('F13 is in the next sandbox as it was saved, and says when; nothing is saved twice', async () => {
    const a = await claimed('a');
    await write(a, 'work');
    const saved = await homes.saveFrom({ lab, sandbox: 'a' }, a.link);
    expect(saved).toMatchObject({ anew: true });
    expect(await homes.savedAt(lab)).toBe(saved?.at);
    expect(await homes.saveFrom({ lab, sandbox: 'a' }, a.link)).toMatchObject({ anew: false, at: saved?.at });
    const b = await sandbox();
    const seen: [number, number][] = [];
    const restored = await homes.restoreInto({ lab, sandbox: 'b' }, b.link, (done, all) =>
      seen.push([done, all]),
    );
    expect(restored).toEqual({ savedAt: saved?.at, bytes: saved?.bytes, note: null });
    expect(seen.at(-1)).toEqual([saved?.bytes, saved?.bytes]);
    expect(await read(b)).toBe('work');
    expect(await homes.saveFrom({ lab, sandbox: 'b' }, b.link)).toMatchObject({ anew: false });
  });

  it('F12 asked for again with the same sandbox is done once: what the learner wrote meanwhile stays', async () => {
    const a = await claimed('a');
    await write(a, 'work');
    await homes.restoreInto({ lab, sandbox: 'a' }, a.link);
    expect(await read(a)).toBe('work');
  });

  it('finding 6: an old sandbox behind a partition writes late, and is refused; the newer one goes on', async () => {
    const a = await claimed('a');
    await write(a, 'old');
    await homes.saveFrom({ lab, sandbox: 'a' }, a.link);
    const b = await claimed('b');
    await write(b, 'new');
    await write(a, 'late');
    expect(await homes.saveFrom({ lab, sandbox: 'a' }, a.link)).toBeNull();
    await homes.saveFrom({ lab, sandbox: 'b' }, b.link);
    expect(await read(await claimed('c'))).toBe('new');
  });

  it('finding 6: refused as well where the newer begins while the old one’s bytes are on their way', async () => {
    const a = await claimed('a');
    await write(a, 'old');
    let b: TestSandbox | undefined;
    broken.put = async (key, body) => {
      const size = await objects.put(key, body);
      b = await claimed('b');
      return size;
    };
    expect(await homes.saveFrom({ lab, sandbox: 'a' }, a.link)).toBeNull();
    expect(b).toBeDefined();
    expect(await kept()).toEqual([]);
    expect(await homes.savedAt(lab)).toBeNull();
  });

  it('half of it is never saved over the whole: a restore that failed makes its sandbox one that cannot save', async () => {
    const a = await claimed('a');
    await write(a, 'work');
    await homes.saveFrom({ lab, sandbox: 'a' }, a.link);
    const b = await sandbox();
    b.link.restore = () => Promise.reject(new Problem('disk-full', 'full'));
    await expect(homes.restoreInto({ lab, sandbox: 'b' }, b.link)).rejects.toMatchObject({
      code: 'disk-full',
    });
    await write(b, 'half');
    expect(await homes.saveFrom({ lab, sandbox: 'b' }, b.link)).toBeNull();
    expect(await read(await claimed('c'))).toBe('work');
  });

  it('a damaged newest copy is not used: the one before is, and that is said', async () => {
    const a = await claimed('a');
    for (const text of ['first', 'second']) {
      await write(a, text);
      await homes.saveFrom({ lab, sandbox: 'a' }, a.link);
    }
    const newest = join(folder, (await kept()).at(-1) ?? '');
    const bytes = await readFile(newest);
    bytes.writeUInt8(bytes.readUInt8(20) ^ 1, 20);
    await writeFile(newest, bytes);
    const b = await sandbox();
    const { note } = await homes.restoreInto({ lab, sandbox: 'b' }, b.link);
    expect(note).toMatch(/could not be read back, so these are the ones of .* UTC/);
    expect(await read(b)).toBe('first');
    await write(b, 'third');
    await homes.saveFrom({ lab, sandbox: 'b' }, b.link);
    expect(await read(await claimed('c'))).toBe('third');
  });

  it('where no copy can be used it starts empty, says so, and the copies stay for whoever runs this', async () => {
    const a = await claimed('a');
    await write(a, 'work');
    await homes.saveFrom({ lab, sandbox: 'a' }, a.link);
    await truncate(join(folder, (await kept())[0] ?? ''), 10);
    const b = await sandbox();
    const restored = await homes.restoreInto({ lab, sandbox: 'b' }, b.link);
    expect(restored).toMatchObject({ savedAt: null });
    expect(restored.note).toContain('The home starts empty');
    expect(await readdir(b.home)).toEqual([]);
    expect(await kept()).toHaveLength(1);
    expect((await b.link.home()).state).toBe('fresh');
  });

  it('keeps the last copies, and clears what is in the store unknown and older', async () => {
    const a = await claimed('a');
    for (let i = 0; i < 4; i += 1) {
      await write(a, `text ${i}`);
      await homes.saveFrom({ lab, sandbox: 'a' }, a.link);
      if (i === 1)
        await writeFile(join(folder, lab, '00000001-00000001.tar.zst.more'), 'left by a killed server');
    }
    expect(await kept()).toEqual([3, 4].map((n) => `${lab}/00000001-0000000${n}.tar.zst`));
  });

  it('T68 is gone with all its copies once it is discarded, and a late save brings nothing back', async () => {
    const a = await claimed('a');
    await write(a, 'secret');
    await homes.saveFrom({ lab, sandbox: 'a' }, a.link);
    await homes.discard(lab);
    expect(await kept()).toEqual([]);
    expect(await store.db.selectFrom('home_snapshots').selectAll().execute()).toEqual([]);
    await write(a, 'secret again');
    expect(await homes.saveFrom({ lab, sandbox: 'a' }, a.link)).toBeNull();
    expect(await kept()).toEqual([]);
  });
});

describe('when the store fails', () => {
  const away = (): Promise<never> => Promise.reject(new Problem('unavailable', 'away'));

  it('an end waits for it, then says so: the sandbox must not be ended', async () => {
    const a = await claimed('a');
    await write(a, 'work');
    let tries = 0;
    broken.put = (_key, body) => {
      body.destroy();
      tries += 1;
      return away();
    };
    await expect(homes.saveFrom({ lab, sandbox: 'a' }, a.link)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('nothing was ended') as string,
    });
    expect(tries).toBeGreaterThan(1);
    broken = {};
    expect(await homes.saveFrom({ lab, sandbox: 'a' }, a.link)).toMatchObject({ anew: true });
  });

  it('F20 an end that meets a periodic save waits for it, and saves what came after', async () => {
    const a = await claimed('a');
    await write(a, 'work');
    const first = await a.link.snapshot({ bytes: 1e6, entries: 100 });
    setTimeout(() => first.body.destroy(), 300);
    expect(await homes.saveFrom({ lab, sandbox: 'a' }, a.link)).toMatchObject({ anew: true });
  });

  it('F14 a sandbox that is gone is not waited for', async () => {
    const a = await claimed('a');
    await write(a, 'work');
    a.vanish();
    expect(await homes.saveFrom({ lab, sandbox: 'a' }, a.link)).toBeNull();
  });

  it('F16 a body that breaks off leaves nothing under the name and nothing beside it', async () => {
    const a = await claimed('a');
    await write(a, 'x'.repeat(100_000));
    const whole = a.link.snapshot.bind(a.link);
    a.link.snapshot = async (bounds) => {
      const { body } = await whole(bounds);
      return {
        body,
        summary: () => {
          throw new Problem('agent-misbehaved', 'its home ended early');
        },
      };
    };
    expect(await homes.saveFrom({ lab, sandbox: 'a' }, a.link)).toBeNull();
    expect(await kept()).toEqual([]);
    expect(await readdir(join(folder, '.parts'))).toEqual([]);
  });

  it('objects are for this user alone', async () => {
    const a = await claimed('a');
    await homes.saveFrom({ lab, sandbox: 'a' }, a.link);
    expect((await stat(join(folder, (await kept())[0] ?? ''))).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, lab))).mode & 0o777).toBe(0o700);
  });
});

describe('the keeper', () => {
  it('saves what changed, once in its time, whichever server asks', async () => {
    const a = await claimed('a');
    await write(a, 'work');
    const saved: number[] = [];
    const running = {
      id: 'a',
      kit: 'base',
      lab,
      agent: { kind: 'unix', path: '' },
      isolation: 'enforced',
      startedAt: 0,
    } as const;
    const options = {
      homes,
      list: () => Promise.resolve([running]),
      linkTo: () => a.link,
      everyMs: 60_000,
      log: silentLog(),
      onSaved: (_lab: string, at: number) => saved.push(at),
    };
    const [one, two] = [createHomeKeeper(options), createHomeKeeper(options)];
    await Promise.all([one.round(), two.round()]);
    expect(saved).toHaveLength(1);
    await write(a, 'more');
    await one.round();
    expect(saved).toHaveLength(1);
    now += 60_000;
    await two.round();
    expect(saved).toHaveLength(2);
    now += 60_000;
    await two.round();
    expect(saved).toHaveLength(2);
    await Promise.all([one.close(), two.close()]);
  });
});
