/** A home out of one real agent and into another: what comes back, what is left out, what is refused. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs/promises';
import net from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { zstdCompressSync } from 'node:zlib';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { HomeState } from '../../contract/agent.ts';
import { Problem } from '../../contract/errors.ts';
import { clientOn } from '../../sandboxes/link/terminal-client.ts';
import { CLAIM, startAgent } from '../testing/start-agent.ts';
import type { StartedAgent, StartOptions } from '../testing/start-agent.ts';
import { BOUNDS, forge, put, take } from './testing/snapshots.ts';
import type { Forged } from './testing/snapshots.ts';

const agents: StartedAgent[] = [];
async function started(options: StartOptions = {}): Promise<StartedAgent> {
  const agent = await startAgent(options);
  agents.push(agent);
  return agent;
}
const unclaimed = (): Promise<StartedAgent> => started({ claim: null });
const stateOf = async ({ link }: StartedAgent): Promise<HomeState['state']> => (await link.home()).state;
async function treeOf(agent: StartedAgent): Promise<string[]> {
  return (await fs.readdir(agent.home, { recursive: true })).sort();
}

afterEach(async () => {
  for (const agent of agents.splice(0)) {
    execFileSync('chmod', ['-R', 'u+rwX', agent.folder]);
    await agent.stop();
  }
});

// each test starts an agent or two, seconds each where others work
vi.setConfig({ testTimeout: 60_000 });

describe('a home', () => {
  it('comes back as it was: contents, modes, times, links, names of every kind, other names of one file', async () => {
    const from = await started();
    const at = (path: string): string => join(from.home, path);
    await fs.mkdir(at('deep/er'), { recursive: true });
    await fs.writeFile(at('deep/er/notes.txt'), 'work');
    await fs.writeFile(at('run.sh'), '#!/bin/sh\n', { mode: 0o755 });
    await fs.utimes(at('run.sh'), 1_700_000_000, 1_700_000_000);
    await fs.writeFile(at('new\nline — ü'), 'odd');
    await fs.writeFile(at(`${'long'.repeat(50)}.txt`), 'long');
    await fs.writeFile(at('empty'), '');
    const large = Buffer.alloc(3 * 1024 * 1024 + 7);
    for (let i = 0; i + 4 < large.length; i += 64) large.writeUInt32LE(i, i);
    await fs.writeFile(at('large.bin'), large);
    await fs.link(at('large.bin'), at('deep/same.bin'));
    await fs.symlink('/opt/kit/data', at('data'));
    await fs.symlink('deep/er', at('here'));
    await fs.mkdir(at('locked'));
    await fs.writeFile(at('locked/kept'), 'x');
    await fs.chmod(at('locked'), 0o500);
    await fs.writeFile(at('.palestra-save-00'), 'ours');

    const { bytes, summary } = await take(from.link);
    expect(summary).toMatchObject({ leftOut: { count: 0 }, unsteady: { count: 0 } });
    const to = await unclaimed();
    const restored = await put(to.link, bytes);
    expect(restored).toMatchObject({ files: summary.files, bytes: summary.bytes });

    expect(await treeOf(to)).toEqual((await treeOf(from)).filter((name) => !name.startsWith('.palestra')));
    const back = (path: string): string => join(to.home, path);
    expect(await fs.readFile(back('deep/er/notes.txt'), 'utf8')).toBe('work');
    expect((await fs.readFile(back('large.bin'))).equals(large)).toBe(true);
    expect((await fs.stat(back('run.sh'))).mode & 0o777).toBe(0o755);
    expect((await fs.stat(back('run.sh'))).mtimeMs).toBe(1_700_000_000_000);
    expect((await fs.stat(back('locked'))).mode & 0o777).toBe(0o500);
    expect(await fs.readlink(back('data'))).toBe('/opt/kit/data');
    expect(await fs.readlink(back('here'))).toBe('deep/er');
    expect((await fs.stat(back('large.bin'))).ino).toBe((await fs.stat(back('deep/same.bin'))).ino);
    expect(await stateOf(to)).toBe('whole');
    expect((await to.link.home()).fingerprint).toBe(restored.fingerprint);
  });

  it('brings the scrollback: the restored terminal shows what the old one printed, then a new shell', async () => {
    const from = await started();
    const before = clientOn(await from.link.terminalSocket('1', 'write'));
    await before.run('echo "kept $((6*7))"');
    const end = before.offset;
    const { bytes } = await take(from.link);
    await before.close();
    const to = await unclaimed();
    await put(to.link, bytes);
    await to.link.claim(CLAIM);
    const after = clientOn(await to.link.terminalSocket('1', 'write'));
    await after.untilText('kept 42');
    await after.untilIdle();
    expect(after.welcome?.start).toBe(0);
    expect(after.bytes.subarray(0, end).equals(before.bytes.subarray(0, end))).toBe(true);
    expect((await after.run('cat $PALESTRA_COMMANDS')).includes('kept $((6*7))')).toBe(true);
    await after.close();
  });

  it('has a fingerprint that changes with any change, .git and caches too, and with nothing else', async () => {
    const { link, home } = await started();
    await fs.mkdir(join(home, '.git'));
    await fs.writeFile(join(home, '.git/HEAD'), 'a');
    const first = (await link.home()).fingerprint;
    await fs.readFile(join(home, '.git/HEAD'));
    expect((await link.home()).fingerprint).toBe(first);
    expect((await take(link)).summary.fingerprint).toBe(first);
    await fs.writeFile(join(home, '.git/HEAD'), 'b');
    const second = (await link.home()).fingerprint;
    expect(second).not.toBe(first);
    await fs.chmod(join(home, '.git/HEAD'), 0o600);
    expect((await link.home()).fingerprint).not.toBe(second);
  });

  it('says fresh, whole, torn', async () => {
    const agent = await unclaimed();
    expect(await stateOf(agent)).toBe('fresh');
    await agent.link.claim(CLAIM);
    await agent.link.write('a', Buffer.from('1'), {});
    expect(await stateOf(agent)).toBe('whole');
  });
});

describe('a snapshot', () => {
  it('T33 leaves out pipes, sockets, what cannot be read and what has no proper name, and says so at once', async () => {
    const { link, home } = await started();
    execFileSync('mkfifo', [join(home, 'pipe')]);
    const server = net.createServer().listen(join(home, 'sock'));
    await fs.writeFile(Buffer.concat([Buffer.from(`${home}/`), Buffer.from([0xff, 0xfe])]), '');
    await fs.writeFile(join(home, 'kept'), '');
    const { summary } = await take(link);
    server.close();
    expect(summary.files).toBe(1);
    const names = summary.leftOut.some.map(({ path }) => path).sort();
    expect(names).toEqual(['pipe', 'sock', 'ÿþ']);
  });

  it('T32 holds a link to /etc as a link, and never what it points to', async () => {
    const from = await started();
    await fs.symlink('/etc/passwd', join(from.home, 'passwd'));
    await fs.symlink('/etc', join(from.home, 'etc'));
    const { bytes, summary } = await take(from.link);
    expect(summary.files).toBe(0);
    const to = await unclaimed();
    await put(to.link, bytes);
    expect(await fs.readlink(join(to.home, 'etc'))).toBe('/etc');
  });

  it('T33 leaves a file of 10 GB, sparse, out by its size, and keeps a small sparse one sparse', async () => {
    const from = await started();
    const huge = await fs.open(join(from.home, 'huge'), 'w');
    await huge.truncate(10 * 1024 ** 3);
    await huge.close();
    const sparse = await fs.open(join(from.home, 'sparse'), 'w');
    await sparse.truncate(64 * 1024 ** 2);
    await sparse.write(Buffer.from('end'), 0, 3, 64 * 1024 ** 2 - 3);
    await sparse.close();
    const { bytes, summary } = await take(from.link);
    expect(summary.leftOut).toMatchObject({ count: 1, some: [{ path: 'huge' }] });
    const to = await unclaimed();
    await put(to.link, bytes);
    const { size, blocks } = await fs.stat(join(to.home, 'sparse'));
    expect(size).toBe(64 * 1024 ** 2);
    expect(blocks * 512).toBeLessThan(2 * 1024 ** 2);
  });

  it('lets caches go first and then the largest, where not all fits', async () => {
    const { link, home } = await started();
    await fs.mkdir(join(home, '.cache'));
    await fs.writeFile(join(home, '.cache/wheel'), Buffer.alloc(600_000, 1));
    await fs.writeFile(join(home, 'data.csv'), Buffer.alloc(500_000, 2));
    await fs.writeFile(join(home, 'notes'), Buffer.alloc(10_000, 3));
    const tight = (await take(link, { bytes: 520_000, entries: 100 })).summary;
    expect(tight.leftOut.some.map(({ path }) => path)).toEqual(['.cache/wheel']);
    const tighter = (await take(link, { bytes: 100_000, entries: 100 })).summary;
    expect(tighter.leftOut.some.map(({ path }) => path)).toEqual(['.cache/wheel', 'data.csv']);
    expect(tighter).toMatchObject({ files: 1, bytes: 10_000 });
  });

  it('holds a bounded number of names, those that lie deepest left out', async () => {
    const { link, home } = await started();
    await fs.mkdir(join(home, 'a/pile'), { recursive: true });
    await Promise.all(Array.from({ length: 100 }, (_, i) => fs.writeFile(join(home, 'a/pile', `f${i}`), '')));
    await fs.writeFile(join(home, 'z'), '');
    const { summary } = await take(link, { bytes: 1000, entries: 50 });
    expect(summary.leftOut.count).toBe(53);
    expect(summary.leftOut.some.every(({ path }) => path.startsWith('a/pile/'))).toBe(true);
  });

  it('copies a file that is written all the time, and names it; the copy is not longer than it was announced', async () => {
    const from = await started();
    const busy = join(from.home, 'busy.log');
    await fs.writeFile(busy, Buffer.alloc(8 * 1024 * 1024, 'a'));
    let writing = true;
    const writer = (async () => {
      while (writing) {
        await fs.appendFile(busy, 'more\n');
        await wait(1);
      }
    })();
    const { bytes, summary } = await take(from.link);
    writing = false;
    await writer;
    expect(summary.unsteady).toEqual({ count: 1, some: ['busy.log'] });
    const to = await unclaimed();
    await put(to.link, bytes);
    const content = await fs.readFile(join(to.home, 'busy.log'), 'utf8');
    expect(content).toMatch(/^a+(more\n)*(m|mo|mor|more)?$/);
  });

  it('survives files that vanish, grow and shrink while it is taken, and comes back whole', async () => {
    const from = await started();
    const name = (i: number): string => join(from.home, `f${i}`);
    await Promise.all(Array.from({ length: 200 }, (_, i) => fs.writeFile(name(i), Buffer.alloc(20_000, i))));
    let busy = true;
    const churn = (async () => {
      for (let i = 0; busy; i = (i + 7) % 200) {
        await fs.rm(name(i), { force: true });
        await fs.writeFile(name((i * 3) % 200), Buffer.alloc((i * 997) % 40_000, i));
        await fs.truncate(name((i * 3) % 200), 5).catch(() => undefined);
      }
    })();
    const snapshots = [await take(from.link), await take(from.link), await take(from.link)];
    busy = false;
    await churn;
    for (const { bytes, summary } of snapshots) {
      const to = await unclaimed();
      expect((await put(to.link, bytes)).files).toBe(summary.files);
    }
  });

  it('is refused while another is under way, and goes on being possible when a reader goes away', async () => {
    const { link, home } = await started();
    await fs.writeFile(
      join(home, 'large'),
      Buffer.alloc(40 * 1024 * 1024, 'x').fill(Math.random().toString()),
    );
    const noise = await fs.open('/dev/urandom');
    await fs.writeFile(join(home, 'noise'), (await noise.read(Buffer.alloc(16 * 1024 * 1024))).buffer);
    await noise.close();
    const one = await link.snapshot(BOUNDS);
    await expect(link.snapshot(BOUNDS)).rejects.toMatchObject({ code: 'busy' });
    one.body.destroy();
    expect(() => one.summary()).toThrow('ended early');
    await expect
      .poll(
        () =>
          take(link).then(
            ({ summary }) => summary.files,
            () => 0,
          ),
        { timeout: 50_000 },
      )
      .toBe(2);
  });
});

describe('a restore', () => {
  const outside = (path: string): Forged => ({ name: path, content: Buffer.from('out') });

  it('T31 refuses ../, absolute paths, empty and dotted parts, and NUL: nothing outside the home is written', async () => {
    const hostile: Forged[] = [
      outside('home/../escaped'),
      outside('home/a/../../escaped'),
      outside('/escaped'),
      outside('home//escaped'),
      outside('home/./escaped'),
      outside('home/'),
      outside('escaped'),
      outside('logs/../escaped'),
      outside('logs/1/../../escaped.log'),
      outside('logs/1/escaped'),
      outside('logs/.restore-under-way'),
      { name: 'home/..', type: 'directory' },
      { name: 'home/long', type: 'file', content: Buffer.alloc(0), pax: { path: 'home/../escaped' } },
      { name: 'home/link', type: 'link', linkname: 'home/../../escaped' },
      { name: 'home/link', type: 'link', linkname: '/etc/passwd' },
      outside(`home/${'x'.repeat(300)}`),
    ];
    const agent = await unclaimed();
    for (const entry of hostile) {
      await expect(put(agent.link, await forge([entry], { files: 1 })), entry.name).rejects.toMatchObject({
        code: 'bad-request',
      });
      expect(await stateOf(agent)).toBe('torn');
    }
    expect((await fs.readdir(agent.folder)).filter((name) => name.startsWith('escaped'))).toEqual([]);
    expect(await fs.readdir(agent.home)).toEqual([]);
  });

  it('T32 follows no link that comes in the snapshot: a link first, then a file through it', async () => {
    const agent = await unclaimed();
    const target = join(agent.folder, 'outside');
    await fs.mkdir(target);
    const through = await forge(
      [
        { name: 'home/door', type: 'symlink', linkname: target },
        { name: 'home/door/in', content: Buffer.from('through') },
      ],
      { files: 1 },
    );
    await expect(put(agent.link, through)).rejects.toMatchObject({ code: 'bad-request' });
    expect(await fs.readdir(target)).toEqual([]);
    const over = await forge(
      [
        { name: 'home/f', content: Buffer.from('1') },
        { name: 'home/f', type: 'symlink', linkname: join(target, 'x') },
        { name: 'home/f', content: Buffer.from('2') },
      ],
      { files: 1 },
    );
    await expect(put(agent.link, over)).rejects.toMatchObject({ code: 'bad-request' });
    expect(await fs.readdir(target)).toEqual([]);
  });

  it('T33 makes no device, pipe or socket, whatever the snapshot says', async () => {
    const agent = await unclaimed();
    for (const type of ['fifo', 'character-device', 'block-device', 'contiguous-file'] as const) {
      const forged = await forge([{ name: 'home/thing', type }]);
      await expect(put(agent.link, forged), type).rejects.toMatchObject({ code: 'bad-request' });
      expect(await fs.readdir(agent.home)).toEqual([]);
    }
  });

  it('T36 stops a bomb at the bound: a gigabyte of zeros in a hundred kilobytes, a million names, a wide window', async () => {
    const agent = await unclaimed();
    const size = 1024 ** 3;
    const head = await forge([], null);
    expect(head.length).toBeLessThan(100);
    const bomb = zstdCompressSync(Buffer.alloc(64 * 1024 * 1024));
    await expect(put(agent.link, bomb)).rejects.toMatchObject({ code: 'bad-request' });
    const entry = await forge([{ name: 'home/zeros', content: Buffer.alloc(30 * 1024 * 1024) }], {
      files: 1,
    });
    await expect(put(agent.link, entry, { bytes: 1024 * 1024, entries: 10 })).rejects.toMatchObject({
      code: 'too-large',
    });
    const names = await forge(
      Array.from({ length: 500 }, (_, i) => ({ name: `home/${i}`, type: 'directory' })),
    );
    await expect(put(agent.link, names, { bytes: size, entries: 10 })).rejects.toMatchObject({
      code: 'too-large',
    });
    const { blocks } = await fs.stat(agent.home);
    expect(blocks * 512).toBeLessThan(1024 * 1024);
  });

  it('refuses what is no snapshot, cut off at every place, without its end, or with another end', async () => {
    const from = await started();
    await fs.writeFile(join(from.home, 'a'), 'aaaa');
    await fs.writeFile(join(from.home, 'b'), Buffer.alloc(2000, 'b'));
    const { bytes } = await take(from.link);
    const agent = await unclaimed();
    let refused = 0;
    for (let length = 0; length < bytes.length; length += 17) {
      const { files, code } = await put(agent.link, bytes.subarray(0, length)).then(
        ({ files }) => ({ files, code: null }),
        (error: unknown) => ({ files: null, code: error instanceof Problem ? error.code : error }),
      );
      // only behind its end may something lack (the frame's own checksum): then all of it is there
      if (code === null) expect([files, length > bytes.length - 20]).toEqual([2, true]);
      else expect(code, String(length)).toBe('bad-request');
      refused += Number(code !== null);
    }
    expect(refused).toBeGreaterThan(3);
    for (const forged of [
      Buffer.from('not zstd'),
      zstdCompressSync(Buffer.from('not tar'.repeat(1000))),
      await forge([{ name: 'home/a', content: Buffer.from('1') }], null),
      await forge([{ name: 'home/a', content: Buffer.from('1') }], { files: 2 }),
    ])
      await expect(put(agent.link, forged)).rejects.toMatchObject({ code: 'bad-request' });
    await put(agent.link, bytes);
    expect(await fs.readFile(join(agent.home, 'a'), 'utf8')).toBe('aaaa');
  });

  it('goes only where nobody’s files are: a claimed home in use is refused and stays as it is', async () => {
    const from = await started();
    await fs.writeFile(join(from.home, 'old'), 'old');
    const { bytes } = await take(from.link);
    const to = await started();
    await fs.writeFile(join(to.home, 'mine'), 'mine');
    await expect(put(to.link, bytes)).rejects.toMatchObject({ code: 'conflict' });
    expect(await fs.readdir(to.home)).toEqual(['mine']);
    const empty = await started();
    await put(empty.link, bytes);
    expect(await fs.readdir(empty.home)).toEqual(['old']);
  });

  it('T32 a program that swaps folders for links meanwhile makes nothing appear outside', async () => {
    const from = await started();
    await fs.mkdir(join(from.home, 'd'));
    for (let i = 0; i < 300; i += 1) await fs.writeFile(join(from.home, 'd', `f${i}`), 'x');
    const { bytes } = await take(from.link);
    const to = await started();
    const target = join(to.folder, 'outside');
    await fs.mkdir(target);
    let swapping = true;
    const swapper = (async () => {
      while (swapping) {
        await fs.rename(join(to.home, 'd'), join(to.home, 'e')).catch(() => undefined);
        await fs.symlink(target, join(to.home, 'd')).catch(() => undefined);
        await fs.rm(join(to.home, 'd'), { force: true }).catch(() => undefined);
        await fs.rename(join(to.home, 'e'), join(to.home, 'd')).catch(() => undefined);
      }
    })();
    await put(to.link, bytes).catch(() => undefined);
    swapping = false;
    await swapper;
    expect(await fs.readdir(target)).toEqual([]);
  });

  it('F17 that is cut off, or killed with its agent, says torn, keeps the claim away, and can be done again', async () => {
    const from = await started();
    for (let i = 0; i < 50; i += 1)
      await fs.writeFile(join(from.home, `f${i}`), Buffer.alloc(100_000, String(i)));
    const { bytes } = await take(from.link);
    let agent = await unclaimed();
    const half = bytes.subarray(0, bytes.length / 2);
    const cut = new Readable({ read: () => undefined });
    cut.push(half);
    const restoring = agent.link.restore(cut, BOUNDS);
    restoring.catch(() => undefined);
    await expect.poll(() => stateOf(agent)).toBe('filling');
    await expect(agent.link.claim(CLAIM)).rejects.toMatchObject({ code: 'conflict' });
    await expect(take(agent.link)).rejects.toMatchObject({ code: 'conflict' });
    cut.destroy(new Error('the network went'));
    await expect(restoring).rejects.toMatchObject({ code: 'agent-unreachable' });
    await expect.poll(() => stateOf(agent)).toBe('torn');
    await expect(agent.link.claim(CLAIM)).rejects.toMatchObject({ code: 'conflict' });

    const again = agent.link.restore(
      Readable.from([half, Buffer.alloc(0)]).on('end', () => undefined),
      BOUNDS,
    );
    await again.catch(() => undefined);
    agents.splice(agents.indexOf(agent), 1, (agent = await agent.restart('SIGKILL')));
    expect(await stateOf(agent)).toBe('torn');
    await put(agent.link, bytes);
    expect(await stateOf(agent)).toBe('whole');
    expect(await treeOf(agent)).toEqual(await treeOf(from));
    await agent.link.claim(CLAIM);
  });
});
