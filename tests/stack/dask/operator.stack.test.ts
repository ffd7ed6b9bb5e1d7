/** Dask on the cluster: a learner's DaskCluster comes to life, loses a worker and goes on, and is nobody else's. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { findHelm, NO_HELM } from '../../../infra/chart/testing/helm.ts';
import { missing } from '../cluster/cluster.ts';
import { until } from '../until.ts';
import { daskCluster } from './dask-cluster.ts';
import { openGround, type Ground, type Somebody } from './ground.ts';

const helm = findHelm();
const why = missing() ?? (helm === null ? NO_HELM : null);
const START_MS = 240_000;
const TASKS = 40;
/** Notes after each result which pods have given one: what it prints at its end is the sum and all of them. */
const SUM = `
import json, socket, time
from dask.distributed import Client, as_completed
def work(number):
    time.sleep(1)
    return number, socket.gethostname()
pods, total = set(), 0
with Client("tcp://127.0.0.1:8786") as client:
    for _, (number, pod) in as_completed(client.map(work, range(${TASKS}), pure=False), with_results=True):
        total += number
        pods.add(pod)
        open("/tmp/seen", "w").write(" ".join(pods))
print(json.dumps({"total": total, "pods": sorted(pods)}))
`;
const Sum = z.object({ total: z.number(), pods: z.array(z.string()) });
const Pods = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string(), deletionTimestamp: z.string().optional() }),
      status: z.object({
        podIP: z.string().optional(),
        conditions: z.array(z.object({ type: z.string(), status: z.string() })).default([]),
      }),
    }),
  ),
});

let ground: Ground;
let ada: Somebody;
let bob: Somebody;
let eve: Somebody;

/** of these that are ready, by name, with their addresses */
async function ready(who: Somebody, component: string): Promise<ReadonlyMap<string, string>> {
  const words = ['get', 'pods', '-l', `dask.org/component=${component}`, '-o', 'json'];
  const { items } = Pods.parse(JSON.parse(await who.kubectl(words)));
  const good = items.filter(
    ({ metadata, status }) =>
      metadata.deletionTimestamp === undefined &&
      status.conditions.some(({ type, status: is }) => type === 'Ready' && is === 'True'),
  );
  return new Map(good.map(({ metadata, status }) => [metadata.name, status.podIP ?? '']));
}
async function python(who: Somebody, code: string): Promise<string> {
  const pod = ['-n', who.namespace, 'deploy/one-scheduler'];
  return ground.cluster.kubectlOk(['exec', ...pod, '--', '/opt/kit/bin/python', '-c', code], { ms: 200_000 });
}
const phase = (namespace: string): Promise<string> =>
  ground.cluster.kubectlOk(['get', 'daskcluster/one', '-n', namespace, '-o', 'jsonpath={.status.phase}']);
const may = async (namespace: string, verb: string, what: string): Promise<string> => {
  const words = ['auth', 'can-i', verb, what, '-n', namespace, '--as', ground.operator];
  return (await ground.cluster.kubectl(words)).stdout.trim();
};

describe.skipIf(why !== null)(`the Dask operator${why === null ? '' : ` (skipped: ${why})`}`, () => {
  beforeAll(async () => {
    ground = await openGround(helm ?? '');
    ada = await ground.learner('ada', ['dask']);
    bob = await ground.learner('bob', ['dask']);
    eve = await ground.learner('eve', ['jobs']);
    await ada.kubectl(['create', '-f', '-'], daskCluster('one', ground.image, 2));
    await bob.kubectl(['create', '-f', '-'], daskCluster('one', ground.image, 0));
    for (const who of [ada, bob])
      await until(
        () => ready(who, 'scheduler'),
        ({ size }) => size === 1,
        START_MS,
      );
    await until(
      () => ready(ada, 'worker'),
      ({ size }) => size === 2,
      START_MS,
    );
  }, 1_200_000);
  afterAll(() => ground[Symbol.asyncDispose](), 600_000);

  it('makes of a learner’s object a cluster that is Running, as KubeCluster waits for', async () => {
    await until(
      () => phase(ada.namespace),
      (now) => now === 'Running',
    );
    expect(await ada.kubectl(['get', 'daskcluster', 'one'])).toMatch(/one +2 +Running/);
  });

  it('T51 makes things only where a lesson asked for it, and reads no Secret anywhere', async () => {
    expect(await may(ada.namespace, 'create', 'deployments')).toBe('yes');
    for (const namespace of [eve.namespace, 'kube-system', 'palestra-dask-test'])
      for (const what of ['deployments', 'pods', 'services'])
        expect([namespace, what, await may(namespace, 'create', what)]).toEqual([namespace, what, 'no']);
    for (const namespace of [ada.namespace, 'kube-system'])
      for (const what of ['secrets', 'configmaps', 'serviceaccounts/token', 'rolebindings'])
        expect([what, await may(namespace, 'get', what)]).toEqual([what, 'no']);
  });

  it('a worker that is lost in the middle is replaced, and the result is right', async () => {
    const sum = python(ada, SUM);
    const seen = await until(
      () => python(ada, 'import os; print(open("/tmp/seen").read() if os.path.exists("/tmp/seen") else "")'),
      (pods) => pods.includes('worker'),
    );
    const [lost = ''] = seen.trim().split(' ');
    await ada.kubectl(['delete', 'pod', lost, '--wait=false']);
    const { total, pods } = Sum.parse(JSON.parse(await sum));
    expect(total).toBe((TASKS * (TASKS - 1)) / 2);
    expect(pods).toContain(lost);
    const after = await until(
      () => ready(ada, 'worker'),
      ({ size }) => size === 2,
      START_MS,
    );
    expect([...after.keys()]).not.toContain(lost);
  });

  it('asks the scheduler which worker may go, over HTTP', async () => {
    await ada.kubectl(['scale', 'daskcluster/one', '--replicas=1']);
    await until(
      () => ada.kubectl(['get', 'deployments', '-l', 'dask.org/component=worker', '-o', 'name']),
      (names) => names.trim().split('\n').length === 1,
    );
    expect(await ground.log()).toContain('Retired workers');
  });

  it('T50 T54 a scheduler is its learner’s alone, by its address and by its name', async () => {
    const [address = ''] = (await ready(ada, 'scheduler')).values();
    const hosts = [address, `one-scheduler.${ada.namespace}`];
    const opens = (who: Somebody, host: string, port: number): Promise<string> =>
      python(
        who,
        `import socket\ntry:\n  socket.create_connection((${JSON.stringify(host)}, ${port}), 5); print("open")\nexcept OSError: print("closed")`,
      );
    for (const host of hosts)
      for (const port of [8786, 8787]) {
        expect([host, port, (await opens(ada, host, port)).trim()]).toEqual([host, port, 'open']);
        expect([host, port, (await opens(bob, host, port)).trim()]).toEqual([host, port, 'closed']);
      }
  });

  it('F21 a cluster that nobody asked the operator for holds no namespace back', async () => {
    const namespaced = ['-n', eve.namespace, 'create', '-f', '-'];
    await ground.cluster.kubectlOk(namespaced, {
      input: JSON.stringify(daskCluster('one', ground.image, 1)),
    });
    await until(
      () => phase(eve.namespace),
      (now) => now !== '',
    );
    const made = ['get', 'deployments,services,pods', '-n', eve.namespace, '-o', 'name'];
    expect(await ground.cluster.kubectlOk(made)).toBe('');
    await eve.end();
    await until(
      () => ground.cluster.kubectlOk(['get', 'namespaces', '-o', 'name']),
      (names) => !names.includes(eve.namespace),
      180_000,
    );
  });
});
