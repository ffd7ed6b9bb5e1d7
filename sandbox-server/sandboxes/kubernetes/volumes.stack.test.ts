/** Homes on volumes of the cluster, for sites that prefer them: here one that the test makes by hand. */
import { chmod, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../conformance.ts';
import type { Sandbox } from '../driver.ts';
import { newId } from '../ids.ts';
import { clusterSubject, podOf, type ClusterSubject } from './testing/cluster-subject.ts';

const MINUTE = 60_000;
const MiB = 1024 ** 2;
const storageClass = `palestra-${newId().slice(0, 8)}`;
let subject: ClusterSubject;
/** on the node, which sees the folders of its cluster where this machine does */
let folder: string;

beforeAll(async () => {
  subject = await clusterSubject({
    volume: { bytes: 10 * MiB, storageClass },
    async prepare({ cluster }) {
      folder = join(cluster.folder ?? '/var/lib', `data/${storageClass}`);
      await mkdir(folder);
      // what a real storage class does by the pod's group
      await chmod(folder, 0o2777);
      await cluster.apply({
        apiVersion: 'v1',
        kind: 'PersistentVolume',
        metadata: { name: storageClass },
        spec: {
          storageClassName: storageClass,
          capacity: { storage: String(10 * MiB) },
          accessModes: ['ReadWriteOnce'],
          persistentVolumeReclaimPolicy: 'Retain',
          hostPath: { path: folder },
        },
      });
    },
  });
  await subject.driver.adopt();
}, 20 * MINUTE);
afterAll(async () => {
  await subject.close();
  await subject.cluster.kubectl(['delete', 'pv', storageClass, '--wait=false']);
  await rm(folder, { recursive: true, force: true });
});

async function claimed(lab: string): Promise<Sandbox> {
  const sandbox = await subject.driver.claim({ lab, kit: 'base' });
  const claim = { lab, user: 'st07', fullName: 'Ada Learner', seed: '0123456789abcdef', env: {} };
  await subject.linkTo(sandbox).claim(claim);
  return sandbox;
}
const printed = async (sandbox: Sandbox, code: string): Promise<string> => {
  const script = { lang: 'bash' as const, code, timeout: 30, fixtures: [], env: {} };
  return (await subject.linkTo(sandbox).run(script)).stdout.trim();
};
const claims = (): Promise<string> => subject.kubectl('get', 'pvc', '-o', 'name');

describe('a home on a volume', () => {
  it('F13 is in the lab’s next pod, also where the one before was lost without a word; ended, it goes', async () => {
    subject.driver.keepWarm('base', 1);
    const lab = newId();
    const first = await claimed(lab);
    expect(await printed(first, 'echo paused > ~/notes; cat ~/notes')).toBe('paused');
    await subject.driver.release(lab);
    const second = await claimed(lab);
    expect(second.id).not.toBe(first.id);
    expect(await printed(second, 'cat ~/notes; echo lost > ~/notes; sync')).toBe('paused');
    await subject.kubectl('delete', 'pod', await podOf(subject, lab), '--grace-period=0', '--force');
    await until(async () => !(await subject.driver.list()).some(({ id }) => id === second.id), MINUTE);
    const third = await claimed(lab);
    expect(await printed(third, 'cat ~/notes')).toBe('lost');
    expect(await claims()).toBe(`persistentvolumeclaim/home-${lab}\n`);
    // a warm pod could not have it
    expect(await subject.kubectl('get', 'pods', '-l', 'app=warm', '-o', 'name')).toBe('');
    await subject.driver.release(lab, { forget: true });
    await subject.driver.discard(lab);
    await until(async () => (await claims()) === '', MINUTE);
    await subject.driver.discard(lab);
  });
});
