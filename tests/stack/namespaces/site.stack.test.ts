/**
 * T76: a job at an offload site, on the real cluster. The site is a node without a kubelet, which is what a virtual
 * kubelet that lost its far side looks like: pods are bound to it, and nobody answers for them.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createNamespaces, type Prepared } from '../../../sandbox-server/namespaces/index.ts';
import { silentLog } from '../../../sandbox-server/telemetry/index.ts';
import { until } from '../until.ts';
import { access, openGround, podObject, SETTINGS, type Ground } from './ground.ts';

const SITE = 'recas';
const KEY = 'palestra.dev/site';
const AT_SITE = {
  tolerations: [{ key: KEY, value: SITE, effect: 'NoSchedule' }],
  nodeSelector: { [KEY]: SITE },
};

let ground: Ground;
beforeAll(async () => {
  ground = await openGround();
  await removeSite();
  await ground.cluster.apply({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: SITE, labels: { [KEY]: SITE } },
    spec: { taints: [{ key: KEY, value: SITE, effect: 'NoSchedule' }] },
  });
}, 600_000);
beforeEach(() => heartbeat());
afterAll(async () => {
  // nobody else would say that these ended
  const here = ['-A', `--field-selector=spec.nodeName=${SITE}`];
  await ground.cluster.kubectlOk(['delete', 'pods', ...here, '--force', '--grace-period=0']);
  await removeSite();
  await ground.close();
});

const removeSite = () =>
  ground.cluster.kubectlOk(['delete', 'node', SITE, '--ignore-not-found', '--wait=false']);
/** The site is well and has room, as its node would say every few seconds; 40 s later nobody is sent there any more. */
async function heartbeat(): Promise<void> {
  const now = new Date().toISOString();
  const well = {
    type: 'Ready',
    status: 'True',
    reason: 'Test',
    lastHeartbeatTime: now,
    lastTransitionTime: now,
  };
  const status = {
    allocatable: { cpu: '64', memory: '64Gi', 'ephemeral-storage': '64Gi', pods: '100' },
    conditions: [well],
  };
  const patch = ['patch', 'node', SITE, '--subresource=status', '--type=merge', '-p'];
  await ground.cluster.kubectlOk([...patch, JSON.stringify({ status })]);
}
const podAt = (namespace: string, name: string, more: object = {}) =>
  podObject(namespace, name, { spec: { ...AT_SITE, terminationGracePeriodSeconds: 5, ...more } });
const make = (prepared: Prepared, pod: object) => ground.as(prepared, ['create', '-f', '-'], pod);
const said = ({ stdout, stderr }: { stdout: string; stderr: string }): string => stdout + stderr;
const bound = (namespace: string, name: string) =>
  until(
    () => ground.cluster.kubectlOk(['get', 'pod', '-n', namespace, name, '-o', 'jsonpath={.spec.nodeName}']),
    (node) => node === SITE,
    60_000,
  );

describe('T76 a job at an offload site', () => {
  it('T76 carries nothing of ours there: no token, no secret, nothing in its environment', async () => {
    const ada = ground.learner('ada');
    const mine = await ground.namespaces.prepare(ada, ground.lab(), granted());
    const { namespace } = mine;
    expect(said(await make(mine, podAt(namespace, 'job')))).toMatch(/created/);
    await bound(namespace, 'job');
    const text = await ground.cluster.kubectlOk(['get', 'pod', '-n', namespace, 'job', '-o', 'json']);
    const { spec } = JSON.parse(text) as {
      spec: { volumes?: object[]; containers: object[] };
    };
    expect(spec.volumes ?? []).toEqual([]);
    expect(spec.containers.map((each) => Object.keys(each).filter((key) => /env|volume/i.test(key)))).toEqual(
      [[]],
    );
    const token = { name: 't', projected: { sources: [{ serviceAccountToken: { path: 't' } }] } };
    expect(said(await make(mine, podAt(namespace, 'taker', { volumes: [token] })))).toMatch(
      /pods here hold no token/,
    );
  });

  it('T76 is made so that the site hears of its end, and a learner who would not wait is told why not', async () => {
    const bob = ground.learner('bob');
    const mine = await ground.namespaces.prepare(bob, ground.lab(), granted());
    const { namespace } = mine;
    expect(said(await make(mine, podAt(namespace, 'deaf', { terminationGracePeriodSeconds: 0 })))).toMatch(
      /terminationGracePeriodSeconds: at least 1, or the site is never asked/,
    );
    // one that only tolerates the site may be sent there, too
    const anywhere = { nodeSelector: {}, terminationGracePeriodSeconds: 0 };
    expect(said(await make(mine, podAt(namespace, 'anywhere', anywhere)))).toMatch(/the site is never asked/);
    expect(said(await make(mine, podAt(namespace, 'job')))).toMatch(/created/);
    await bound(namespace, 'job');
    const now = ['--force', '--grace-period=0', '--wait=false'];
    expect(said(await ground.as(mine, ['delete', 'pod', 'job', ...now]))).toMatch(
      /the site has to confirm that the job ended/,
    );
    expect(said(await ground.as(mine, ['delete', 'pods', '--all', ...now]))).toMatch(/has to confirm/);
    // over, it runs nowhere any more
    const over = ['patch', 'pod', '-n', namespace, 'job', '--subresource=status', '--type=merge', '-p'];
    await ground.cluster.kubectlOk([...over, '{"status":{"phase":"Succeeded"}}']);
    expect(said(await ground.as(mine, ['delete', 'pod', 'job', '--wait=false']))).toMatch(/deleted/);
    // here, where kubelet answers, nobody has to wait
    await ground.pod(namespace, 'here');
    expect(said(await ground.as(mine, ['delete', 'pod', 'here', ...now]))).toMatch(/deleted/);
  });

  it('T76 that the site does not confirm is reported by its name and site, and gone once it does', async () => {
    const cleo = ground.learner('cleo');
    const lab = ground.lab();
    const mine = await ground.namespaces.prepare(cleo, lab, granted());
    const { namespace } = mine;
    expect(said(await make(mine, podAt(namespace, 'lost')))).toMatch(/created/);
    await bound(namespace, 'lost');
    await ground.namespaces.end(cleo, lab);
    const { stuck } = await until(
      () => later(5 * 60_000).sweep(() => true),
      (swept) => swept.stuck.some((one) => one.namespace === namespace),
      60_000,
    );
    const held = stuck.find((one) => one.namespace === namespace)?.heldBy ?? [];
    expect(held).toContain(`Pod lost (at the site ${SITE}, which has to confirm its end)`);
    // it was asked to end, and is there all the same
    const asked = ['get', 'pod', '-n', namespace, 'lost', '-o', 'jsonpath={.metadata.deletionTimestamp}'];
    await until(
      () => ground.cluster.kubectlOk(asked),
      (at) => at !== '',
      60_000,
    );
    // meanwhile they have room for another lab
    expect((await ground.namespaces.prepare(cleo, ground.lab(), granted())).namespace).toBe(`${namespace}-2`);

    // the site's word, as its node gives it
    await ground.cluster.kubectlOk(['delete', 'pod', '-n', namespace, 'lost', '--force', '--grace-period=0']);
    await until(
      async () => (await ground.cluster.kubectl(['get', 'namespace', namespace])).code,
      (code) => code !== 0,
      90_000,
    );
  });
});

const granted = () => access({ sites: [SITE] });
/** the same server a while later */
const later = (ms: number) =>
  createNamespaces({
    cluster: ground.asServer,
    config: SETTINGS,
    log: silentLog(),
    clock: () => Date.now() + ms,
  });
