import { chmod, mkdir, mkdtemp, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findPython } from './python.ts';
import { linkSystemModules, missingPackages, provideSystem } from './system.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'system-'));
});
afterEach(() => rm(folder, { recursive: true }));

const jq = () => ({ package: 'jq', file: join(folder, 'usr/bin/jq') });
const curl = { package: 'curl', file: '/' };

/** A program in apt's place: notes its words, and does what `script` says. */
async function apt(script: string): Promise<string> {
  const path = join(folder, 'apt-get');
  await writeFile(path, `#!/bin/sh\necho "$DEBIAN_FRONTEND $*" >> ${folder}/asked\n${script}\n`);
  await chmod(path, 0o755);
  return path;
}
const asked = async () => (await readFile(join(folder, 'asked'), 'utf8')).trim().split('\n');
const install = (more: object) =>
  provideSystem({
    title: 'Gym',
    packages: [curl, jq()],
    signal: new AbortController().signal,
    onBegin: () => {},
    ...more,
  });

describe('packages of the system', () => {
  it('are missing where the file that stands for them is', async () => {
    expect(await missingPackages([curl, jq()])).toEqual([jq()]);
  });

  it('are installed where this process may, only the missing ones, without a question', async () => {
    const told: string[] = [];
    const put = `mkdir -p ${folder}/usr/bin && touch ${folder}/usr/bin/jq`;
    await install({ may: true, apt: await apt(put), onBegin: (text: string) => told.push(text) });
    expect(await asked()).toEqual([
      expect.stringMatching(/^noninteractive .*Lock::Timeout=\d+ install -y --no-install-recommends jq$/),
    ]);
    expect(told).toEqual(['Installing jq for the Gym kit']);
    await install({ may: false });
  });

  it('are the one line to type where it may not', async () => {
    await expect(install({ may: false })).rejects.toMatchObject({
      code: 'kit-missing',
      message: 'The Gym kit needs packages of the system that are not installed: sudo apt-get install jq',
    });
  });

  it('are looked for in fresh lists where apt does not know them yet', async () => {
    const script = `case "$*" in *update*) touch ${folder}/fresh;; *) [ -e ${folder}/fresh ] || { echo 'E: Unable to locate package jq' >&2; exit 100; }; mkdir -p ${folder}/usr/bin; touch ${folder}/usr/bin/jq;; esac`;
    await install({ may: true, apt: await apt(script) });
    expect((await asked()).map((line) => /(install|update)/.exec(line)?.[1])).toEqual([
      'install',
      'update',
      'install',
    ]);
  });

  it('that cannot be installed are said in apt’s words, and tried once', async () => {
    const failing = await apt('echo "E: You do not have enough free space" >&2; exit 100');
    await expect(install({ may: true, apt: failing })).rejects.toThrow('enough free space');
    expect(await asked()).toHaveLength(1);
  });

  it('that apt says it installed and did not are still missing', async () => {
    await expect(install({ may: true, apt: await apt('true') })).rejects.toMatchObject({
      code: 'kit-missing',
    });
  });
});

describe('modules of the system’s Python', () => {
  it('are linked where that interpreter imports them, and named where it does not', async () => {
    const python = (await findPython()) ?? expect.fail('no Python');
    const site = join(folder, 'lib/python3.11/site-packages');
    await mkdir(site, { recursive: true });
    const absent = await linkSystemModules(['nonesuch_module', 'this'], python, folder);
    expect(absent).toEqual(['nonesuch_module']);
    expect(await readlink(join(site, 'this.py'))).toMatch(/this\.py$/);
  });
});
