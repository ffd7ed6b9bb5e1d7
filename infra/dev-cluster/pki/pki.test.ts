import { execFile } from 'node:child_process';
import { readFile, readdir, rm, stat, writeFile, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { layOut } from '../find-place.ts';
import { clusterPlace, type ClusterPlace } from '../place.ts';
import { ensurePki } from './pki.ts';
import { wantedCertificates } from './wanted.ts';

const run = promisify(execFile);
const DAY = 86_400_000;
let place: ClusterPlace;
beforeEach(async () => {
  const root = await mkdtemp(join(tmpdir(), 'palestra-pki-'));
  place = clusterPlace({ root, number: 2, cache: root });
  await layOut(place);
});
afterEach(() => rm(place.root, { recursive: true }));

const pki = (name: string) => join(place.folders.pki, name);
const all = async () => {
  const names = (await readdir(place.folders.pki)).sort();
  return Promise.all(names.map(async (name) => [name, await readFile(pki(name), 'utf8')]));
};

it('every certificate is its authority’s, nobody else reads a key, and the second time nothing changes', async () => {
  await ensurePki(place);
  for (const { name, authority } of wantedCertificates(place))
    await run('openssl', ['verify', '-CAfile', pki(`${authority}.crt`), pki(`${name}.crt`)]);
  await run('openssl', [
    'verify',
    '-CAfile',
    pki('ca.crt'),
    '-verify_ip',
    '10.202.0.1',
    pki('apiserver.crt'),
  ]);
  for (const name of (await readdir(place.folders.pki)).filter((file) => file.endsWith('.key')))
    expect((await stat(pki(name))).mode & 0o077).toBe(0);
  expect((await stat(place.kubeconfig)).mode & 0o777).toBe(0o600);
  expect(JSON.parse(await readFile(place.kubeconfig, 'utf8'))).toMatchObject({
    clusters: [{ cluster: { server: 'https://10.98.2.2:6443' } }],
  });
  const before = await all();
  await ensurePki(place);
  expect(await all()).toEqual(before);
}, 60_000);

it('mends what is gone, half a file, or another cluster’s; F18 renews what ends soon', async () => {
  await ensurePki(place);
  await rm(pki('etcd.crt'));
  await writeFile(pki('kubelet.key'), 'half');
  await ensurePki(place);
  const moved = clusterPlace({ root: place.root, number: 3, cache: place.root });
  await ensurePki(moved);
  await run('openssl', [
    'verify',
    '-CAfile',
    pki('ca.crt'),
    '-verify_ip',
    '10.203.0.1',
    pki('apiserver.crt'),
  ]);
  await run('openssl', ['verify', '-CAfile', pki('ca.crt'), pki('kubelet.crt')]);
  const before = await readFile(pki('admin.crt'), 'utf8');
  await ensurePki(moved, Date.now() + 3_500 * DAY);
  expect(await readFile(pki('admin.crt'), 'utf8')).not.toBe(before);
}, 60_000);
