/** How a node comes up: each program as soon as those it needs are ready, and pods only when policies hold. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { run } from '../../machine/run.ts';
import { networkConfiguration } from '../configuration/node.ts';
import type { Asker } from './ask.ts';
import type { BoxWords } from './words.ts';
import type { Daemon, DaemonName } from './daemons.ts';
import { answersNames } from './dns.ts';
import { BOX } from './inside.ts';
import type { Stage } from './stages.ts';
import type { Supervised } from './supervised.ts';

/** of one program, on a machine whose two cores a dozen builds share (worst seen: 31 s) */
const PATIENCE = 120_000;

export interface Boot {
  readonly words: BoxWords;
  readonly daemons: Readonly<Record<DaemonName, Daemon>>;
  readonly asker: Asker;
  readonly start: (daemon: Daemon) => Supervised;
  readonly staged: (stage: Stage, work: () => Promise<void>) => Promise<void>;
}

/** @throws Error of the first stage that failed; what others started runs on */
export async function boot(at: Boot): Promise<void> {
  const { staged, daemons } = at;
  const started = async (...names: readonly DaemonName[]) => {
    const all = names.map((name) => at.start(daemons[name]));
    await Promise.all(all.map((one) => one.untilReady(PATIENCE)));
  };
  const containers = async () => {
    await staged('containerd', () => started('containerd'));
    await staged('images', () => loadImages(at));
  };
  const control = async () => {
    await staged('etcd', () => started('etcd'));
    await staged('api', () => started('kube-apiserver'));
  };
  await Promise.all([containers(), control()]);
  const controllers = staged('control-plane', async () => {
    await started('kube-controller-manager', 'kube-scheduler');
  });
  const objects = applyObjects(at);
  let podRange = '';
  const node = staged('node', async () => {
    await started('kubelet');
    await untilTrue('the node’s range of addresses', async () => (podRange = await podCidr(at)) !== '');
  });
  const proxy = started('kube-proxy');
  await Promise.all([controllers, objects, node]);
  await staged('policies', async () => {
    await started('kube-router');
    await policiesHold();
    await proxy;
    await openNetwork(podRange);
  });
  await staged('dns', () => untilTrue('cluster DNS', () => answersNames(at.words.place.addresses)));
}

/** Pods get a network from now on: containerd looks at this folder. */
async function openNetwork(podRange: string): Promise<void> {
  const text = JSON.stringify(networkConfiguration(podRange), null, 2);
  await writeFile(join(BOX.network, '10-palestra.conflist'), text);
}

async function podCidr({ asker, words }: Boot): Promise<string> {
  const answer = await asker.api(`/api/v1/nodes/${words.place.name}`);
  if (answer?.status !== 200) return '';
  const node = JSON.parse(answer.body) as { spec?: { podCIDR?: string } };
  return node.spec?.podCIDR ?? '';
}

/** The chain through which every forwarded packet of a pod goes. */
function policiesHold(): Promise<void> {
  return untilTrue('rules of kube-router', async () =>
    (await run(['iptables', '-w', '-S', 'FORWARD'])).includes('KUBE-ROUTER-FORWARD'),
  );
}

async function loadImages({ words }: Boot): Promise<void> {
  const ctr = ['ctr', '-a', words.place.containerdSocket, '-n', 'k8s.io', 'images'];
  const there = new Set((await run([...ctr, 'list', '-q'])).split('\n'));
  for (const { reference, archive } of words.images)
    if (!there.has(reference)) await run([...ctr, 'import', archive]);
}

async function applyObjects({ words }: Boot): Promise<void> {
  const kubectl = [words.binaries.kube, 'kubectl', '--kubeconfig', words.place.kubeconfig];
  const apply = ['apply', '--server-side', '--force-conflicts', '-f', words.objects];
  await run([...kubectl, ...apply], { env: { PATH: '/usr/bin:/bin', HOME: '/run/palestra' } });
}

async function untilTrue(what: string, ask: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE;
  while (!(await ask())) {
    if (Date.now() > deadline) throw new Error(`${what}: not there after ${PATIENCE / 1000} s`);
    await delay(50);
  }
}
