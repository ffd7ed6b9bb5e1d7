/** Kits prepared for real, from a wheel made here: no index is asked (uv itself is, the first time on a machine). */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  access,
  appendFile,
  chmod,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KitState } from '../../../contract/api.ts';
import { Problem } from '../../../contract/errors.ts';
import { runInside } from '../../conformance.ts';
import { newId } from '../../ids.ts';
import { foldersOf } from '../place.ts';
import { localPlace, localSubject } from '../testing/local-subject.ts';
import { createLocalKits } from './kits.ts';
import { findPython } from './python.ts';
import { provideUv } from './uv.ts';

const REAL = new URL('../../../../infra/kits', import.meta.url).pathname;
const WHEEL = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w') as z:
    z.writestr('gym.py', 'def main():\\n    print("lifted")\\n')
    info = 'gym-1.2.dist-info/'
    z.writestr(info + 'METADATA', 'Metadata-Version: 2.1\\nName: gym\\nVersion: 1.2\\n')
    z.writestr(info + 'WHEEL', 'Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
    z.writestr(info + 'entry_points.txt', '[console_scripts]\\ngym = gym:main\\n')
    z.writestr(info + 'RECORD', '')
`;

/** A kits folder with one kit of one package, and pip's variables that point at the wheel alone. */
async function kitsRoot(folder: string, options: { hash?: string } = {}): Promise<string> {
  const root = join(folder, 'kits');
  await mkdir(join(root, 'gym'), { recursive: true });
  const wheel = join(folder, 'gym-1.2-py3-none-any.whl');
  execFileSync('/usr/bin/python3', ['-c', WHEEL, wheel]);
  const hash =
    options.hash ??
    createHash('sha256')
      .update(await readFile(wheel))
      .digest('hex');
  await writeFile(join(root, 'gym/requirements.lock'), `gym==1.2 \\\n    --hash=sha256:${hash}\n`);
  await writeFile(
    join(root, 'gym/kit.yaml'),
    'title: Gym\nenvironments:\n  - { folder: ., requirements: requirements.lock }\n  - { folder: old }\nshow: [gym]\n',
  );
  await writeFile(join(root, 'uv.lock'), await readFile(join(REAL, 'uv.lock')));
  return root;
}

/** Its own files: a program of the client's name, a configuration and a module. */
async function addFront(kit: string): Promise<void> {
  for (const path of ['files/front', 'files/etc', 'files/python/coach'])
    await mkdir(join(kit, path), { recursive: true });
  const front = '#!/bin/sh\necho "before: $(/opt/kit/bin/gym), with $(cat "$GYM_CONFIG")"\n';
  await writeFile(join(kit, 'files/front/gym'), front, { mode: 0o755 });
  await writeFile(join(kit, 'files/etc/gym.cfg'), 'bench = 1\n');
  await writeFile(join(kit, 'files/python/coach/__init__.py'), 'WORD = "breathe"\n');
  const more = 'files: files\nenv: { GYM_CONFIG: "{kit}/etc/gym.cfg", GYM_MEMBER: "{{user}}" }\n';
  await appendFile(join(kit, 'kit.yaml'), more);
}

/** uv stands in one folder for all runs of these tests on a machine: it is 60 MB. */
const TOOLS = join(tmpdir(), `palestra-test-tools-${process.getuid?.() ?? 0}`);

describe('kits of this machine', () => {
  let folder: string;
  const told: KitState[] = [];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pal-'));
    await chmod(folder, 0o711);
    await mkdir(TOOLS, { recursive: true });
    told.length = 0;
    process.env['UV_FIND_LINKS'] = folder;
    process.env['UV_NO_INDEX'] = '1';
  });
  afterEach(async () => {
    delete process.env['UV_FIND_LINKS'];
    delete process.env['UV_NO_INDEX'];
    await rm(folder, { recursive: true, force: true });
  });
  const open = async (root: string, place = { root: join(folder, 'state'), sockets: join(folder, 's') }) => {
    for (const path of Object.values(foldersOf(place))) await mkdir(path, { recursive: true, mode: 0o711 });
    await rm(foldersOf(place).tools, { recursive: true, force: true });
    await symlink(TOOLS, foldersOf(place).tools);
    const logged: string[] = [];
    const log = {
      info: (_: object, text: string) => void logged.push(text),
      warn: (_: object, text: string) => void logged.push(text),
    };
    const kits = await createLocalKits({ root, state: place.root, place, log });
    kits.watch((kit) => told.push(kit));
    return kits;
  };

  it('are prepared once, with progress, and are there at once the next time', async () => {
    const root = await kitsRoot(folder);
    const kits = await open(root);
    expect(kits.get('gym')?.state).toBe('absent');
    expect(() => kits.use('gym')).toThrow(expect.objectContaining({ code: 'kit-preparing' }) as Error);
    await Promise.all([kits.ready('gym'), kits.ready('gym')]);
    expect(told.map((kit) => kit.state)).toEqual([
      ...Array<string>(told.length - 1).fill('preparing'),
      'ready',
    ]);
    expect(told.some((kit) => kit.progress?.unit === 'packages')).toBe(true);
    expect(kits.get('gym')).toMatchObject({
      state: 'ready',
      versions: { gym: '1.2', python: expect.stringMatching(/^3\./) as string },
    });
    const use = kits.use('gym');
    expect((await stat(join(use.folder, 'bin'))).mode & 0o055).toBe(0o055);
    expect(
      (await readdir(join(use.folder, 'lib'), { recursive: true })).some((name) => name.endsWith('.pyc')),
    ).toBe(true);
    await kits.close();

    told.length = 0;
    const again = await open(root);
    expect(again.get('gym')?.state).toBe('ready');
    await again.ready('gym');
    expect(told).toEqual([]);
    expect(await readdir(join(folder, 'state/kits'))).toHaveLength(1);
    await again.close();
  }, 120_000);

  it('work where a sandbox has them, at /opt/kit: console scripts, python and the second environment', async () => {
    const place = await localPlace();
    const kits = await open(await kitsRoot(folder), place);
    await kits.ready('gym');
    const subject = await localSubject({ place, kits });
    const sandbox = await subject.driver.claim({ lab: newId(), kit: 'gym' });
    const { stdout } = await runInside(
      sandbox,
      'type -p gym python; gym; python -c "import gym, sys; print(gym.__file__, sys.prefix)"; /opt/kit/old/bin/python -c "print(2)"; touch /opt/kit/x || echo read-only',
    );
    expect(stdout.split('\n')).toEqual([
      '/opt/kit/bin/gym',
      '/opt/kit/bin/python',
      'lifted',
      expect.stringMatching(/^\/opt\/kit\/lib\/python3\.\d+\/site-packages\/gym\.py \/opt\/kit$/),
      '2',
      'read-only',
      '',
    ]);
    await kits.close();
    await subject.close();
  }, 120_000);

  it('bring files of their own: a front before the client, modules compiled, variables that know the folder', async () => {
    const place = await localPlace();
    const root = await kitsRoot(folder);
    await addFront(join(root, 'gym'));
    const kits = await open(root, place);
    await kits.ready('gym');
    const subject = await localSubject({ place, kits });
    const sandbox = await subject.driver.claim({ lab: newId(), kit: 'gym' });
    const { stdout } = await runInside(
      sandbox,
      'type -p gym; gym; PYTHONPATH=/opt/kit/python python -c "import coach, os; print(coach.WORD, os.path.exists(coach.__cached__))"; echo $GYM_MEMBER',
    );
    expect(stdout.split('\n')).toEqual([
      '/opt/kit/front/gym',
      'before: lifted, with bench = 1',
      'breathe True',
      '{{user}}', // the agent's to fill: nobody has claimed this one
      '',
    ]);
    await kits.close();
    await subject.close();
  }, 120_000);

  it('say what they do without, and are prepared again once a package of the system went away', async () => {
    const root = await kitsRoot(folder);
    const there = join(folder, 'there');
    await writeFile(there, '');
    const more = `system: [{ package: nonesuch, file: ${there} }]\nsystemModules: [nonesuch_module]\n`;
    await appendFile(join(root, 'gym/kit.yaml'), more);
    const kits = await open(root);
    await kits.ready('gym');
    expect(kits.get('gym')?.text).toBe('The Gym kit is ready, without nonesuch_module');
    await kits.close();

    await rm(there);
    const again = await open(root);
    expect(again.get('gym')?.state).toBe('absent');
    await again.close();
    await writeFile(there, '');
    const later = await open(root);
    expect(later.get('gym')?.text).toBe('The Gym kit is ready, without nonesuch_module');
    await later.close();
  }, 120_000);

  it('that do not have the hash of their list are refused with a sentence, and leave nothing half-made', async () => {
    const kits = await open(await kitsRoot(folder, { hash: '0'.repeat(64) }));
    const failure = await kits.ready('gym').then(
      () => expect.fail('it was installed'),
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(Problem);
    expect(failure).toMatchObject({
      code: 'kit-missing',
      message: expect.stringMatching(/The Gym kit could not be prepared.*[Hh]ash mismatch/) as string,
    });
    expect(kits.get('gym')?.state).toBe('failed');
    expect(() => kits.use('gym')).toThrow(expect.objectContaining({ code: 'kit-missing' }) as Error);
    expect(await readdir(join(folder, 'state/kits'))).toEqual([]);
    await kits.close();
  }, 120_000);

  it('with a name nobody knows are missing, and those that there are are named', async () => {
    const kits = await open(await kitsRoot(folder));
    await expect(kits.ready('nonesuch')).rejects.toMatchObject({ code: 'kit-missing' });
    expect(() => kits.use('nonesuch')).toThrow('There is no kit named "nonesuch". There are: gym.');
    await kits.close();
  });

  it('stop being waited for when the caller goes away, and being made when the server closes', async () => {
    const kits = await open(await kitsRoot(folder));
    const gone = new AbortController();
    const waiting = kits.ready('gym', gone.signal);
    const other = kits.ready('gym');
    gone.abort(new Error('the page was closed'));
    await expect(waiting).rejects.toThrow('the page was closed');
    await Promise.all([kits.close(), expect(other).rejects.toMatchObject({ code: 'kit-missing' })]);
  }, 120_000);
});

describe('uv', () => {
  it('whose list does not hold is not installed, and pip’s words are told', async () => {
    const tools = await mkdtemp(join(tmpdir(), 'tools-'));
    const python = await findPython();
    const lock = join(tools, 'uv.lock');
    await writeFile(lock, `uv==0.0.0 \\\n    --hash=sha256:${'0'.repeat(64)}\n`);
    process.env['PIP_NO_INDEX'] = '1';
    try {
      await expect(
        provideUv({ tools, lock, python: python?.path ?? '', signal: AbortSignal.timeout(60_000) }),
      ).rejects.toThrow(/uv==0\.0\.0/);
    } finally {
      delete process.env['PIP_NO_INDEX'];
    }
    await expect(access(join(tools, 'bin/uv'))).rejects.toThrow();
    await rm(tools, { recursive: true });
  }, 60_000);
});
