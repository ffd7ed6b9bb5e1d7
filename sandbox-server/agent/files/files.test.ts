/** Files through the real agent: what an editor, an upload and a lesson may do, and what nobody may. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isHomePath as contractPath } from '../../contract/names.ts';
import { ask } from '../../sandboxes/link/request.ts';
import { isHomePath } from '../http/names.ts';
import { startAgent } from '../testing/start-agent.ts';
import type { StartedAgent } from '../testing/start-agent.ts';

let agent: StartedAgent;
const at = (path: string): string => join(agent.home, path);
const put = (path: string, content: string): Promise<{ etag: string }> =>
  agent.link.write(path, Buffer.from(content), {});
const get = async (path: string): Promise<string> => text((await agent.link.read(path)).body);

beforeAll(async () => {
  agent = await startAgent();
});
afterAll(async () => {
  expect(agent.said()).toBe('');
  await agent.stop();
});

describe('files', () => {
  it('are written, read, listed, moved and removed', async () => {
    const { etag } = await put('a.txt', 'hello');
    const file = await agent.link.read('a.txt');
    expect(file).toMatchObject({ etag, size: 5, kind: 'text' });
    expect(await text(file.body)).toBe('hello');
    await agent.link.makeFolder('one/two');
    await agent.link.move('a.txt', 'one/two/b.txt');
    expect((await agent.link.tree('one/two')).entries).toMatchObject([
      { path: 'one/two/b.txt', kind: 'file', size: 5 },
    ]);
    await expect(agent.link.read('a.txt')).rejects.toMatchObject({ code: 'not-found' });
    await agent.link.remove('one');
    await expect(agent.link.tree('one')).rejects.toMatchObject({ code: 'not-found' });
  });

  it('lists hidden files, links and folders, without what is ours', async () => {
    await fs.mkdir(at('kinds/.hidden'), { recursive: true });
    await fs.writeFile(at('kinds/.palestra-save-00'), '');
    await fs.symlink('nowhere', at('kinds/link'));
    spawn('mkfifo', [at('kinds/pipe')]);
    await wait(100);
    const { entries } = await agent.link.tree('kinds');
    expect(entries.map(({ path, kind }) => [path, kind])).toEqual([
      ['kinds/.hidden', 'folder'],
      ['kinds/link', 'link'],
      ['kinds/pipe', 'other'],
    ]);
  });

  it('a folder of many files is cut at 5,000 and says so', async () => {
    await fs.mkdir(at('many'));
    await Promise.all(Array.from({ length: 5003 }, (_, i) => fs.writeFile(at(`many/f${i}`), '')));
    const tree = await agent.link.tree('many');
    expect([tree.entries.length, tree.more]).toEqual([5000, true]);
    await agent.link.remove('many');
  });

  it('says binary of NUL bytes and of more than 10 MiB', async () => {
    await fs.writeFile(at('bin'), Buffer.from([0x50, 0x4b, 0, 1]));
    await fs.writeFile(at('big.txt'), Buffer.alloc(10 * 1024 * 1024 + 1, 'x'));
    for (const path of ['bin', 'big.txt']) {
      const file = await agent.link.read(path);
      expect(file.kind).toBe('binary');
      file.body.destroy();
    }
    await put('empty', '');
    expect(await agent.link.read('empty')).toMatchObject({ kind: 'text', size: 0 });
  });

  it('streams an upload and a download of 50 MB byte for byte', async () => {
    const bytes = Buffer.alloc(50 * 1024 * 1024);
    for (let i = 0; i < bytes.length; i += 4096) bytes.writeUInt32LE(i, i);
    await agent.link.write('large', Readable.from(split(bytes)), {});
    expect((await buffer((await agent.link.read('large')).body)).equals(bytes)).toBe(true);
    await agent.link.remove('large');
  });

  it('keeps a program executable and follows a link inside the home', async () => {
    await fs.writeFile(at('tool.sh'), 'echo', { mode: 0o755 });
    await fs.symlink('tool.sh', at('alias'));
    await put('alias', 'echo new');
    expect(await fs.readFile(at('tool.sh'), 'utf8')).toBe('echo new');
    expect((await fs.stat(at('tool.sh'))).mode & 0o777).toBe(0o755);
    expect((await fs.lstat(at('alias'))).isSymbolicLink()).toBe(true);
  });

  it('never replaces by a move', async () => {
    await put('from', '1');
    await put('to', '2');
    await expect(agent.link.move('from', 'to')).rejects.toMatchObject({ code: 'conflict' });
    await expect(agent.link.move('from', 'from/below')).rejects.toMatchObject({ code: 'bad-request' });
    expect(await get('to')).toBe('2');
  });
});

function* split(bytes: Buffer): Generator<Buffer> {
  for (let i = 0; i < bytes.length; i += 300_000) yield bytes.subarray(i, i + 300_000);
}

describe('saving', () => {
  it('T34 a save on a stale version is refused and both are kept', async () => {
    const { etag } = await put('note', 'first');
    await fs.writeFile(at('note'), 'by a program');
    await expect(agent.link.write('note', Buffer.from('mine'), { ifMatch: etag })).rejects.toMatchObject({
      code: 'stale',
    });
    expect(await get('note')).toBe('by a program');
    const { etag: now } = await agent.link.read('note');
    expect((await agent.link.write('note', Buffer.from('mine'), { ifMatch: now })).etag).not.toBe(now);
    expect(await get('note')).toBe('mine');
    await agent.link.remove('note');
    await expect(agent.link.write('note', Buffer.from('mine'), { ifMatch: now })).rejects.toMatchObject({
      code: 'stale',
    });
  });

  it('T35 two tabs save at once: one is taken, one refused; also for a new file', async () => {
    for (let round = 0; round < 20; round += 1) {
      const { etag } = await put('both', `round ${round}`);
      const saves = await Promise.allSettled(
        ['a', 'b'].map((who) => agent.link.write('both', Buffer.from(who), { ifMatch: etag })),
      );
      expect(saves.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      const made = await Promise.allSettled(
        ['a', 'b'].map((who) => agent.link.write(`new-${round}`, Buffer.from(who), { ifNoneMatch: '*' })),
      );
      expect(made.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      expect(made.find((one) => one.status === 'rejected')?.reason).toMatchObject({ code: 'stale' });
    }
  });

  it('F16 a full disk refuses the save, keeps the old content and leaves nothing behind', async () => {
    // a home of 1 MiB of its own, in a mount namespace of the agent's
    const full = await startAgent({
      wrap: (folder, argv) => [
        'unshare',
        '--user',
        '--map-root-user',
        '--mount',
        '/bin/sh',
        '-c',
        `mount -t tmpfs -o size=1m none ${folder}/home && exec "$@"`,
        'sh',
        ...argv,
      ],
    });
    try {
      await full.link.write('work', Buffer.from('precious'), {});
      await expect(full.link.write('work', Buffer.alloc(3 * 1024 * 1024, 'x'), {})).rejects.toMatchObject({
        code: 'disk-full',
      });
      expect(await text((await full.link.read('work')).body)).toBe('precious');
      expect((await full.link.tree('')).entries.map(({ path }) => path)).toEqual(['work']);
      expect(
        (await full.link.run({ lang: 'sh', code: 'ls -A', timeout: 5, fixtures: [], env: {} })).stdout,
      ).toBe('work\n');
      await full.link.write('work', Buffer.from('still works'), {});
    } finally {
      await full.stop();
    }
  });

  it('F17 killed in the middle of saves, the file holds the old content or the new, whole', async () => {
    let mine = await startAgent();
    try {
      const contents = [Buffer.alloc(400_000, 'a'), Buffer.alloc(300_000, 'b')] as const;
      await mine.link.write('work', contents[0], {});
      for (let round = 1; round <= 5; round += 1) {
        const saving = (async () => {
          for (let i = 0; ; i += 1) await mine.link.write('work', contents[i % 2 === 0 ? 1 : 0], {});
        })().catch(() => undefined);
        await wait(20 + round * 13);
        mine.child.kill('SIGKILL');
        await saving;
        const now = await fs.readFile(join(mine.home, 'work'));
        expect(contents.some((content) => content.equals(now))).toBe(true);
        mine = await mine.restart();
      }
    } finally {
      await mine.stop();
    }
    // six agents one after the other: 4 s each where others work
  }, 60_000);

  it('bytes that stop coming save nothing', async () => {
    await put('cut', 'whole');
    const body = new Readable({ read: () => undefined });
    body.push('half');
    const saving = agent.link.write('cut', body, {});
    await wait(100);
    body.destroy(new Error('the tab was closed'));
    await expect(saving).rejects.toMatchObject({ code: 'agent-unreachable' });
    await wait(100);
    expect(await get('cut')).toBe('whole');
    expect((await fs.readdir(agent.home)).filter((name) => name.startsWith('.palestra'))).toEqual([]);
  });
});

describe('what nobody may', () => {
  /** a request as no link of ours would send it */
  const raw = (method: 'GET' | 'PUT' | 'DELETE', query: string) =>
    agent.link.status().then(({ boot }) =>
      ask(agent.address, {
        method,
        path: `/v1/files${method === 'DELETE' ? '' : '/content'}?path=${query}`,
        authorization: agent.keys.sign({ sandbox: agent.sandbox.id, boot, op: 'files', mode: 'write' }),
        ...(method === 'PUT' ? { body: Buffer.from('x') } : {}),
      }),
    );

  it.each([
    '../x',
    '..%2fx',
    '%2e%2e/x',
    '%2e%2e%2fx',
    '/etc/passwd',
    '..%5cx',
    'a%00b',
    'a/../../x',
    './x',
    'a//b',
    '',
    '.',
    'a/',
    '%252e%252e/x/..',
    'x'.repeat(1025),
  ])('T31 refuses ../, encoded dots, NUL and absolute paths: %j', async (path) => {
    for (const method of ['GET', 'PUT', 'DELETE'] as const)
      await expect(raw(method, path)).rejects.toMatchObject({ code: 'bad-request' });
  });

  it('T31 knows a path of the home exactly as the contract does', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', '.', '..', '/', '\\', '\0', 'é', ' '), { maxLength: 12 }),
        (parts) => {
          const path = parts.join('');
          expect(isHomePath(path)).toBe(contractPath(path));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('T32 refuses links that lead out of the home, in every part and for every verb', async () => {
    await fs.mkdir(join(agent.folder, 'outside'));
    await fs.writeFile(join(agent.folder, 'outside/secret'), 'secret');
    await fs.symlink('/etc', at('etc'));
    await fs.symlink('../outside', at('out'));
    await fs.symlink('../outside/secret', at('direct'));
    const refused = { code: 'forbidden' };
    await expect(agent.link.read('etc/passwd')).rejects.toMatchObject(refused);
    await expect(agent.link.read('direct')).rejects.toMatchObject(refused);
    await expect(agent.link.tree('out')).rejects.toMatchObject(refused);
    await expect(put('out/new', 'x')).rejects.toMatchObject(refused);
    await expect(put('direct', 'x')).rejects.toMatchObject(refused);
    await expect(agent.link.makeFolder('out/new')).rejects.toMatchObject(refused);
    await expect(agent.link.move('out/secret', 'mine')).rejects.toMatchObject(refused);
    await expect(agent.link.remove('out/secret')).rejects.toMatchObject(refused);
    await expect(
      agent.link.give({ files: [{ path: 'out/given', content: '', executable: false }], overwrite: true }),
    ).rejects.toMatchObject(refused);
    await agent.link.remove('out');
    expect(await fs.readFile(join(agent.folder, 'outside/secret'), 'utf8')).toBe('secret');
    expect(await fs.readdir(join(agent.folder, 'outside'))).toEqual(['secret']);
  });

  it('T32 a name swapped for a link while it is opened leads nowhere else', async () => {
    await fs.mkdir(at('real'), { recursive: true });
    await fs.writeFile(at('real/secret'), 'mine');
    let swapping = true;
    const swap = (async () => {
      for (let i = 0; swapping; i += 1) {
        await fs.rm(at('dance'), { force: true });
        await fs.symlink(i % 2 === 0 ? 'real' : '../outside', at('dance'));
      }
    })();
    const seen = new Set<string>();
    for (let i = 0; i < 300; i += 1) {
      await get('dance/secret').then(
        (content) => seen.add(content),
        () => undefined,
      );
      await put(`dance/written-${i}`, 'x').catch(() => undefined);
    }
    swapping = false;
    await swap;
    expect([...seen]).not.toContain('secret');
    expect(await fs.readdir(join(agent.folder, 'outside'))).toEqual(['secret']);
  }, 60_000);

  it('T33 refuses a FIFO, a socket and a 10 GB sparse file at once', async () => {
    await once(spawn('mkfifo', [at('fifo')]), 'close');
    const sparse = await fs.open(at('sparse'), 'w');
    await sparse.truncate(10 * 1024 ** 3);
    await sparse.close();
    await expect(agent.link.read('fifo')).rejects.toMatchObject({ code: 'unsupported' });
    await expect(put('fifo', 'x')).rejects.toMatchObject({ code: 'unsupported' });
    await expect(agent.link.read('sparse')).rejects.toMatchObject({ code: 'too-large' });
    await expect(put('real', 'x')).rejects.toMatchObject({ code: 'conflict' });
    await expect(agent.link.read('real')).rejects.toMatchObject({ code: 'unsupported' });
    await agent.link.remove('sparse');
  });

  it('T33 refuses a device', async () => {
    await fs.symlink('/dev/zero', at('zero'));
    await expect(agent.link.read('zero')).rejects.toMatchObject({
      code: expect.stringMatching(/forbidden|unsupported/) as string,
    });
  });

  it('the home itself is neither written, moved nor removed', async () => {
    await expect(agent.link.remove('')).rejects.toMatchObject({ code: 'bad-request' });
    await expect(agent.link.move('', 'x')).rejects.toMatchObject({ code: 'bad-request' });
    await expect(agent.link.makeFolder('')).rejects.toMatchObject({ code: 'bad-request' });
  });
});

describe("a lesson's files", () => {
  const file = (path: string, content: string, executable = false) => ({
    path,
    content: Buffer.from(content).toString('base64'),
    executable,
  });

  it('are written once, kept where unchanged, and laid beside what the learner changed', async () => {
    const files = [file('lesson/a.py', 'one'), file('lesson/b.sh', 'two', true)];
    expect(await agent.link.give({ files, overwrite: false })).toEqual({
      written: ['lesson/a.py', 'lesson/b.sh'],
      kept: [],
      asNew: [],
    });
    expect((await fs.stat(at('lesson/b.sh'))).mode & 0o111).toBe(0o111);
    await put('lesson/a.py', 'changed by me');
    expect(await agent.link.give({ files, overwrite: false })).toEqual({
      written: [],
      kept: ['lesson/b.sh'],
      asNew: ['lesson/a.py.new'],
    });
    expect([await get('lesson/a.py'), await get('lesson/a.py.new')]).toEqual(['changed by me', 'one']);
    expect(await agent.link.give({ files, overwrite: true })).toMatchObject({
      written: ['lesson/a.py', 'lesson/b.sh'],
    });
    expect(await get('lesson/a.py')).toBe('one');
  });

  it('T36 none leads out of the home', async () => {
    for (const path of ['../x', '/x', 'a/../../x', '']) {
      const boot = (await agent.link.status()).boot;
      const authorization = agent.keys.sign({ sandbox: agent.sandbox.id, boot, op: 'files', mode: 'write' });
      const body = Buffer.from(
        JSON.stringify({ files: [{ path, content: '', executable: false }], overwrite: false }),
      );
      await expect(
        ask(agent.address, { method: 'POST', path: '/v1/give', authorization, body }),
      ).rejects.toMatchObject({ code: 'bad-request' });
    }
  });
});
