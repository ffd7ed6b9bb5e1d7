import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bubblewrap, type Walls } from './bubblewrap.ts';
import { prepareRuntime } from './runtime.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'runtime-'));
  await mkdir(join(folder, 'agent/parts/testing'), { recursive: true });
  await writeFile(
    join(folder, 'agent/main.ts'),
    "import { a } from './parts/a.ts';\nconst n: number = a;\nconsole.log(n);\n",
  );
  await writeFile(join(folder, 'agent/parts/a.ts'), 'export const a = 1 as const;\n');
  await writeFile(join(folder, 'agent/parts/a.test.ts'), '');
  await writeFile(join(folder, 'agent/parts/words.txt'), 'read me');
  await writeFile(join(folder, 'agent/parts/testing/start.ts'), '');
});
afterEach(() => rm(folder, { recursive: true }));
const agent = () => ({ folder: join(folder, 'agent'), entry: 'main.ts', beside: ['parts/words.txt'] });

describe('the runtime a sandbox sees', () => {
  it('is Node, the agent as JavaScript, its packages and a small /etc: no test, no other file of ours', async () => {
    const runtime = await prepareRuntime(join(folder, 'runtime'), { agent: agent() });
    expect(runtime).toMatchObject({ node: 'bin/node', entry: 'agent/main.js' });
    expect((await readdir(runtime.folder)).sort()).toEqual([
      'agent',
      'bin',
      'etc',
      'node_modules',
      'package.json',
      'services',
    ]);
    expect((await readdir(join(runtime.folder, 'agent'), { recursive: true })).sort()).toEqual([
      'main.js',
      'words.txt',
    ]);
    expect((await readdir(join(runtime.folder, 'node_modules'))).sort()).toEqual(['@lydell', 'node-pty']);
    expect(await readFile(join(runtime.folder, 'agent/words.txt'), 'utf8')).toBe('read me');
    expect((await stat(join(runtime.folder, 'bin/node'))).mode & 0o055).toBe(0o055);
  });

  it('is made once for each content, by however many at once', async () => {
    const root = join(folder, 'runtime');
    const [first, second] = await Promise.all([
      prepareRuntime(root, { agent: agent() }),
      prepareRuntime(root, { agent: agent() }),
    ]);
    expect(second).toEqual(first);
    await writeFile(join(folder, 'agent/parts/a.ts'), 'export const a = 2 as const;\n');
    expect((await prepareRuntime(root, { agent: agent() })).folder).not.toBe(first.folder);
    expect(await readdir(root)).toHaveLength(2);
  });
});

describe('the command line of a sandbox', () => {
  const walls: Walls = {
    bwrap: 'bwrap',
    runtime: '/r',
    kit: '/k',
    home: '/h',
    config: '/c.json',
    services: '/s',
    alsoVisible: ['/opt/python'],
    topFolders: { bin: 'usr/bin', lib32: null },
    tmpfsBytes: 1000,
    command: ['node', 'main.js'],
  };
  const argv = bubblewrap(walls);
  const pairs = argv.map((arg, at) => [arg, argv[at + 1], argv[at + 2]].join(' '));

  it('unshares everything, forbids more, and neither dies with the server nor takes a session', () => {
    for (const flag of ['user', 'pid', 'net', 'ipc', 'uts', 'cgroup'].map((space) => `--unshare-${space}`))
      expect(argv).toContain(flag);
    for (const flag of ['--disable-userns', '--as-pid-1', '--clearenv']) expect(argv).toContain(flag);
    expect(argv).not.toContain('--die-with-parent');
    expect(argv).not.toContain('--new-session');
    expect(argv.slice(-3)).toEqual(['--', 'node', 'main.js']);
  });

  it('binds for writing nothing but the parent of the home', () => {
    const writable = argv.flatMap((arg, at) =>
      ['--bind', '--bind-try', '--dev-bind', '--dev-bind-try'].includes(arg)
        ? [`${argv[at + 1]} ${argv[at + 2]}`]
        : [],
    );
    expect(writable).toEqual(['/h /home']);
  });

  it('makes the host’s top folders as they are, and what an interpreter needs visible', () => {
    expect(pairs).toContain('--symlink usr/bin /bin');
    expect(pairs).toContain('--ro-bind /lib32 /lib32');
    expect(pairs).toContain('--ro-bind /opt/python /opt/python');
    expect(argv.filter((arg) => arg === '--tmpfs')).toHaveLength(
      argv.filter((arg) => arg === '--size').length,
    );
  });
});
