import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { stagedBy } from '../../machine/staged.ts';
import { LABELS } from '../box/stages.ts';
import { provideBinaries } from './provide.ts';

/** A compiler that takes a second, notes that it was asked, and writes what it was told to. */
const GO = `#!/bin/sh
case $1 in version) echo 'go version go1.26.8 linux/amd64'; exit;; env) echo local; exit;; esac
echo built >> "$BUILDS"
sleep 1
while [ "$1" != -o ]; do shift; done
echo binary > "$2"
`;
let folder: string;
const builds = async () => (await readFile(join(folder, 'builds'), 'utf8')).split('\n').length - 1;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'palestra-provide-'));
  await mkdir(join(folder, 'bin'));
  await writeFile(join(folder, 'bin/go'), GO, { mode: 0o755 });
  vi.stubEnv('PATH', `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`);
  vi.stubEnv('BUILDS', join(folder, 'builds'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

function provide(signal = new AbortController().signal) {
  const said: string[] = [];
  const staged = stagedBy(LABELS, ({ state, label }) => said.push(`${state} ${label}`));
  return { said, binaries: provideBinaries(join(folder, 'cache'), ['etcd'], staged, signal) };
}

it('three commands at once build a binary once; two wait, and say for whom', async () => {
  const all = [provide(), provide(), provide()];
  const [binaries] = await Promise.all(all.map((one) => one.binaries));
  expect(await builds()).toBe(1);
  expect(await readFile(binaries?.etcd ?? '', 'utf8')).toBe('binary\n');
  const waited = all.filter(({ said }) => said.join('\n').includes('waiting for process'));
  expect(waited.length).toBe(2);
  for (const { said } of waited) {
    expect(said[0]).toContain(`etcd: waiting for process ${process.pid}, which builds it already`);
    expect(said.at(-1)).toMatch(/^done/);
    expect(said.join('\n')).not.toContain('CPU minutes');
  }
});

it('a build that failed is done by who waited', async () => {
  const stop = new AbortController();
  const [first, second] = [provide(stop.signal), provide()];
  const failed = expect(first.binaries).rejects.toThrow();
  await vi.waitFor(async () => expect(await builds()).toBe(1));
  const leader = first.said.join('\n').includes('CPU minutes');
  stop.abort(new Error('ended'));
  await failed;
  await second.binaries;
  // whoever of the two was first
  expect(await builds()).toBe(leader ? 2 : 1);
  expect((await readdir(join(folder, 'cache'))).filter((name) => !name.endsWith('.lock')).length).toBe(1);
});
