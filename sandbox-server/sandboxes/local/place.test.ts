import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../ids.ts';
import { closedFolderAbove, findPlace, shortHash } from './place.ts';
import { isAlive, processName, statFields } from './process.ts';
import { createUids, firstUid } from './uids.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'place-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('the place of a state folder', () => {
  const find = (root: boolean) =>
    findPlace({ state: join(folder, 'state'), root, fallback: join(folder, 'fallback') });

  it('is the state folder for an ordinary user, whoever may pass', async () => {
    const place = await find(false);
    expect(place.root).toBe(join(folder, 'state'));
    expect(place.elsewhere).toBeUndefined();
    // 107 bytes are a socket path's bound
    expect(`${place.sockets}/${newId()}.sock`.length).toBeLessThan(108);
  });

  it('is another one for root where others may not pass, says why, and is the same each time', async () => {
    const place = await find(true); // mkdtemp makes 0700
    expect(place.root).toBe(join(folder, 'fallback', shortHash(join(folder, 'state'))));
    expect(place.elsewhere).toContain(folder);
    expect(await find(true)).toEqual(place);
  });

  it('is the state folder for root where others may pass', async () => {
    await chmod(folder, 0o711);
    expect((await find(true)).root).toBe(join(folder, 'state'));
    expect(await closedFolderAbove(join(folder, 'state'))).toBeNull();
  });

  it('is refused where the sockets’ folder is somebody else’s trap', async () => {
    const { sockets } = await find(false);
    await rm(sockets, { recursive: true });
    await mkdir(join(folder, 'elsewhere'));
    await symlink(join(folder, 'elsewhere'), sockets);
    await expect(find(false)).rejects.toThrow(/belongs to somebody else/);
    await rm(sockets);
    await mkdir(sockets, { mode: 0o777 });
    await chmod(sockets, 0o777);
    await expect(find(false)).rejects.toThrow(/belongs to somebody else/);
    await rm(sockets, { recursive: true });
  });
});

describe('uids', () => {
  it('are far above people and systemd’s containers, below 2³¹, and differ by place', () => {
    for (const hash of ['00000000', 'ffffffff', shortHash('a'), shortHash('b')]) {
      expect(firstUid(hash)).toBeGreaterThan(1_879_048_191);
      expect(firstUid(hash) + 1_000).toBeLessThan(2 ** 31);
    }
    expect(firstUid(shortHash('a'))).not.toBe(firstUid(shortHash('b')));
  });

  it('are given once, also to two drivers at once, and again when given back', async () => {
    const [one, two] = [createUids(folder, 'aa'), createUids(folder, 'aa')];
    const taken = await Promise.all(
      Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? one : two).take(newId())),
    );
    expect(new Set(taken).size).toBe(20);
    await one.giveBack(taken[3] ?? null);
    expect(await two.take(newId())).toBe(taken[3]);
  });

  it('of sandboxes that a crash took are given back', async () => {
    const uids = createUids(folder, 'aa');
    const [living, dead] = [newId(), newId()];
    const [first, second] = [await uids.take(living), await uids.take(dead)];
    await uids.tidy([living]);
    expect(await uids.take(newId())).toBe(second);
    expect(await readFile(join(folder, String(first)), 'utf8')).toBe(living);
  });

  it('run out with a sentence', async () => {
    const first = firstUid('aa');
    await Promise.all(
      Array.from({ length: 1_000 }, (_, n) => writeFile(join(folder, String(first + n)), newId())),
    );
    await expect(createUids(folder, 'aa').take(newId())).rejects.toMatchObject({ code: 'no-capacity' });
  });
});

describe('processes', () => {
  it('are known by pid and start time', async () => {
    const me = await processName(process.pid);
    if (me === null) return expect.fail('this process is not there');
    expect(await isAlive(me)).toBe(true);
    expect(await isAlive({ ...me, startTime: me.startTime - 1 })).toBe(false);
    expect(await isAlive({ ...me, boot: 'another' })).toBe(false);
    expect(await processName(2 ** 22 - 1)).toBeNull();
  });

  it('may have any name', () => {
    const rest = ' S 17 1 1 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 4242 0';
    expect(statFields(`1 (a) R 99 (b c)${rest}`)).toEqual({ state: 'S', parent: 17, startTime: 4242 });
    expect(statFields('')).toBeNull();
  });
});
