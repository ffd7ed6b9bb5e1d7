import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { kitHash, readKits } from './kit-file.ts';
import { packagesIn } from './uv-progress.ts';

const KITS = new URL('../../../../infra/kits', import.meta.url).pathname;
const PYTHON = { path: '/usr/bin/python3.11', version: '3.11.2' };

describe('the kits of this repository', () => {
  it('are authors, base, dask and lake, and dask has an old environment for the lesson on unequal versions', async () => {
    const kits = (await readKits(KITS)).toSorted((a, b) => a.name.localeCompare(b.name));
    expect(kits.map((kit) => [kit.name, kit.environments.map((one) => one.folder)])).toEqual([
      ['authors', ['.']],
      ['base', ['.']],
      ['dask', ['.', 'old']],
      ['lake', ['.']],
    ]);
    const dask = kits.find(({ name }) => name === 'dask');
    const [lock, old] = dask?.environments.map((one) => one.lists[0]?.text ?? '') ?? [];
    for (const pin of [
      'dask==2026.8.0',
      'distributed==2026.8.0',
      'bokeh==3.9.2',
      'pandas==3.1.1',
      'pyarrow==26.0.1',
      'numpy==2.4.6',
      'tornado==6.6.1',
    ])
      expect(lock).toContain(`${pin} `);
    for (const pin of ['dask==2025.3.0', 'distributed==2025.3.0']) expect(old).toContain(`${pin} `);
    expect(packagesIn(old ?? '')).toBeLessThan(packagesIn(lock ?? ''));
  });

  it('have a hash for every package and the address of no index', async () => {
    for (const file of ['dask/requirements.lock', 'dask/old.lock', 'lake/requirements.lock', 'uv.lock']) {
      const text = await readFile(join(KITS, file), 'utf8');
      expect(text).not.toMatch(/https?:|--index-url|--find-links/);
      for (const block of text.split(/\n(?=[a-z])/))
        expect(block).toMatch(/^[a-z0-9._-]+==[^\s]+.*\n\s+--hash=sha256:[0-9a-f]{64}/);
    }
  });
});

describe('the data lake’s kit', () => {
  it('has the clients of the lake’s own version, fronts that can be run and nobody’s name', async () => {
    const kit = (await readKits(KITS)).find((one) => one.name === 'lake') ?? expect.fail();
    expect(kit.environments[0]?.lists[0]?.text).toContain('rucio-clients==41.5.1 ');
    const own = new Map(kit.files.map((file) => [file.path, file]));
    for (const path of ['front/rucio', 'front/palestra', 'front/palestra-lake', 'front/gfal-ls'])
      expect(own.get(path)?.executable).toBe(true);
    expect(own.get('front/gfal-ls')?.content).toBe(own.get('front/gfal-copy')?.content);
    expect(own.get('etc/rucio.cfg')?.content).toMatch(/auth_type = oidc[^]*account = learner\n/);
    expect(kit.env['RUCIO_ACCOUNT']).toBe('{{user}}');
    expect(JSON.stringify(kit.files)).not.toMatch(/__pycache__|password/);
  });
});

describe('kit.yaml', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'kits-'));
    await mkdir(join(root, 'mine'));
  });
  afterEach(() => rm(root, { recursive: true }));
  const write = (text: string) => writeFile(join(root, 'mine/kit.yaml'), text);

  it.each([
    ['title: X\n', 'environments'],
    ['title: X\nenvironments: [{ folder: ../up }]\n', 'folder'],
    ['title: X\nenvironments: [{ folder: ., requirements: /etc/passwd }]\n', 'requirements'],
    ['title: X\nenvironments: [{ folder: . }]\nwhat: 1\n', 'what'],
    ['title: X\nenvironments: [{ folder: . }]\nfiles: ../other\n', 'files'],
    ['title: X\nenvironments: [{ folder: . }]\nenv: { path: x }\n', 'env'],
    ['title: X\nenvironments: [{ folder: . }]\nsystem: [{ package: "x; y", file: /x }]\n', 'package'],
    ['title: X\nenvironments: [{ folder: . }]\nsystem: [tree]\n', 'package: jq, file: /usr/bin/jq'],
    ['title: X\nenvironments: [{ folder: . }]\nsystemModules: ["os; x"]\n', 'systemModules'],
    ['title: X\nenvironments: [{ folder: . }]\nprograms: [../../cli/palestra]\n', 'programs'],
  ])('with a mistake is refused with its file and key: %j', async (text, key) => {
    await write(text);
    await expect(readKits(root)).rejects.toThrow(new RegExp(`mine/kit.yaml[^]*${key}`));
  });

  it.each([
    ['privileged: true', 'privileged'],
    ['hostNetwork: true', 'hostNetwork'],
    ['host_network: true', 'host_network'],
    ['pod: { spec: { volumes: [{ hostPath: { path: / } }] } }', 'pod.spec.volumes.0.hostPath'],
    ['pod: { securityContext: { capabilities: { add: [SYS_ADMIN] } } }', 'pod.securityContext.capabilities'],
    ['containers: [{ securityContext: { privileged: true } }]', 'containers.0.securityContext.privileged'],
  ])('T39 refuses what no kit may ask for, naming the field: %s', async (text, field) => {
    await write(`title: X\nenvironments: [{ folder: . }]\n${text}\n`);
    await expect(readKits(root)).rejects.toThrow(`mine/kit.yaml: ${field}: no kit may ask`);
  });

  it.each([
    'docker.io/library/debian:12',
    'localhost/palestra-evil/x:1',
    'localhost/palestra/../other:1',
    'localhost/palestra/dask',
    'localhost/palestra/dask:1\nx',
    'LOCALHOST/palestra/dask:1',
  ])('T47 refuses an image from elsewhere, naming the field: %j', async (image) => {
    await write(`title: X\nenvironments: [{ folder: . }]\nimage: ${JSON.stringify(image)}\n`);
    await expect(readKits(root)).rejects.toThrow(/mine\/kit.yaml[^]*localhost\/palestra\/[^]*at image/);
  });

  it('may name an image of this installation, by tag or by digest', async () => {
    for (const image of ['localhost/palestra/dask:1.2', `localhost/palestra/dask@sha256:${'a'.repeat(64)}`]) {
      await write(`title: X\nenvironments: [{ folder: . }]\nimage: ${image}\n`);
      expect((await readKits(root))[0]?.image).toBe(image);
    }
  });

  it.each([
    [
      'environments: [{ folder: ., requirements: none.lock }]',
      /mine\/kit.yaml: environments: none.lock is not/,
    ],
    ['environments: [{ folder: . }]\nfiles: none', /mine\/kit.yaml: files: none is not there/],
  ])('that names what is not there is refused with its file and key: %j', async (text, said) => {
    await write(`title: X\n${text}\n`);
    await expect(readKits(root)).rejects.toThrow(said);
  });

  it('whose file is missing is refused with its place', async () => {
    await mkdir(join(root, 'empty'));
    await expect(readKits(root)).rejects.toThrow(/empty\/kit.yaml is not there/);
  });

  it('that is no YAML is refused with its file', async () => {
    await write('title: [X\n');
    await expect(readKits(root)).rejects.toThrow(/mine\/kit.yaml is not YAML/);
  });

  it('names a new preparation when a list, the interpreter or the kit changes, and else the same', async () => {
    await cp(join(KITS, 'dask'), join(root, 'mine'), { recursive: true });
    const hash = async () => kitHash((await readKits(root))[0] ?? expect.fail(), PYTHON);
    const before = await hash();
    expect(await hash()).toBe(before);
    expect(kitHash((await readKits(root))[0] ?? expect.fail(), { ...PYTHON, version: '3.11.3' })).not.toBe(
      before,
    );
    await writeFile(join(root, 'mine/old.lock'), 'dask==1 --hash=sha256:0\n');
    expect(await hash()).not.toBe(before);
  });

  it('names a new preparation when one of the kit’s own files changes, or may be run', async () => {
    await mkdir(join(root, 'mine/files/front'), { recursive: true });
    await writeFile(join(root, 'mine/files/front/tool'), '#!/bin/sh\n');
    await write('title: X\nenvironments: [{ folder: . }]\nfiles: files\n');
    const hash = async () => kitHash((await readKits(root))[0] ?? expect.fail(), PYTHON);
    const hashes = [await hash()];
    await chmod(join(root, 'mine/files/front/tool'), 0o755);
    hashes.push(await hash());
    await writeFile(join(root, 'mine/files/front/tool'), '#!/bin/sh\ntrue\n');
    hashes.push(await hash());
    expect(new Set(hashes).size).toBe(3);
  });
});
