/** Namespaces that come and go: made once by many, ended with the last lab, swept after a crash, and stuck. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createNamespaces, type Learner } from '../../../sandbox-server/namespaces/index.ts';
import { silentLog } from '../../../sandbox-server/telemetry/index.ts';
import { until } from '../until.ts';
import { access, openGround, SETTINGS, type Ground } from './ground.ts';

let ground: Ground;
beforeAll(async () => {
  ground = await openGround();
}, 600_000);
afterAll(() => ground.close());

const isThere = async (name: string): Promise<boolean> =>
  (await ground.cluster.kubectl(['get', 'namespace', name])).code === 0;
const gone = (name: string) =>
  until(
    () => isThere(name),
    (there) => !there,
    90_000,
  );
const hard = async (namespace: string): Promise<Record<string, string>> =>
  JSON.parse(
    await ground.cluster.kubectlOk([
      'get',
      'resourcequota',
      'size',
      '-n',
      namespace,
      '-o',
      'jsonpath={.spec.hard}',
    ]),
  ) as Record<string, string>;
/** the same server a day later */
const later = (ms: number, prefix = SETTINGS.prefix) =>
  createNamespaces({
    cluster: ground.asServer,
    config: { ...SETTINGS, prefix },
    log: silentLog(),
    clock: () => Date.now() + ms,
  });

describe('a namespace', () => {
  it('is one, however many ask at once, from two servers', async () => {
    const ada = ground.learner('ada');
    const lab = ground.lab();
    const other = later(0);
    const all = await Promise.all(
      Array.from({ length: 6 }, (_, i) =>
        (i % 2 === 0 ? ground.namespaces : other).prepare(ada, lab, access()),
      ),
    );
    expect(new Set(all.map(({ namespace }) => namespace)).size).toBe(1);
    const secrets = await ground.cluster.kubectlOk([
      'get',
      'secrets',
      '-n',
      all[0]?.namespace ?? '',
      '-o',
      'name',
    ]);
    expect(secrets.trim().split('\n')).toEqual([`secret/palestra-lab-${lab}`]);
  });
  it('follows its lessons: roles, openings and size of the next in place of those before', async () => {
    const ada = ground.learner('ada');
    const lab = ground.lab();
    const ports = [{ port: 443, protocol: 'TCP' as const }];
    const { namespace } = await ground.namespaces.prepare(
      ada,
      lab,
      access({ roles: ['jobs'], opens: [{ cidr: '192.0.2.0/24', ports }] }),
    );
    const names = async (kind: string) =>
      (await ground.cluster.kubectlOk(['get', kind, '-n', namespace, '-o', 'name'])).match(
        /palestra-lab-\S+/g,
      );
    expect(await names('rolebindings')).toEqual([`palestra-lab-${lab}-jobs`]);
    expect(await names('networkpolicies')).toEqual([
      `palestra-lab-${lab}-opens`,
      `palestra-lab-${lab}-sandbox`,
    ]);
    await ground.namespaces.prepare(ada, lab, access({ roles: ['dask'] }));
    expect(await names('rolebindings')).toEqual([`palestra-lab-${lab}-dask`]);
    expect(await names('networkpolicies')).toEqual([`palestra-lab-${lab}-sandbox`]);
  });
  it('is as large as the largest of its labs, and ends with the last of them', async () => {
    const ada = ground.learner('ada');
    const [small, large] = [ground.lab(), ground.lab()];
    const size = { cpu: '3', memory: '2Gi', pods: 2, ephemeral: '1Gi', storage: '0', gpu: 0 };
    const { namespace } = await ground.namespaces.prepare(ada, large, access({ size }));
    await ground.namespaces.prepare(ada, small, access());
    expect(await hard(namespace)).toMatchObject({ 'limits.cpu': '3', 'limits.memory': '2Gi', pods: '6' });
    await ground.namespaces.end(ada, large);
    expect(await isThere(namespace)).toBe(true);
    await ground.namespaces.end(ada, small);
    await ground.namespaces.end(ada, small);
    await gone(namespace);
    const again = await ground.namespaces.prepare(ada, small, access());
    expect(again.namespace).toBe(namespace);
  });
  it('is not somebody else’s, should two hashes begin alike', async () => {
    const ada = ground.learner('ada');
    const twin: Learner = { id: `${ada.id.slice(0, 10)}${'a'.repeat(10)}`, login: 'twin' };
    await ground.namespaces.prepare(ada, ground.lab(), access());
    await expect(ground.namespaces.prepare(twin, ground.lab(), access())).rejects.toMatchObject({
      code: 'conflict',
    });
  });
  it('is prepared ahead for an event, kept without a lab until its end, and used by the lab', async () => {
    const people = ['eva', 'finn', 'gus', 'hal', 'ina'].map((login) => ({
      person: ground.learner(login),
      access: access(),
    }));
    const until_ = Date.now() + 3_600_000;
    expect(await ground.namespaces.prepareAll(people, until_)).toEqual([]);
    const [eva] = people;
    if (eva === undefined) throw new Error('nobody');
    const lab = ground.lab();
    const { namespace } = await ground.namespaces.prepare(eva.person, lab, eva.access);
    await ground.namespaces.end(eva.person, lab);
    const { ended } = await ground.namespaces.sweep(() => true);
    expect([await isThere(namespace), ended]).toEqual([true, []]);
    const after = await later(2 * 3_600_000).sweep(() => true);
    expect(after.ended).toHaveLength(5);
    await gone(namespace);
  });
});

describe('a sweep', () => {
  it('takes away what labs left that are gone, and nothing of those that live or are young', async () => {
    const [ada, bob] = [ground.learner('ada'), ground.learner('bob')];
    const [dead, alive] = [ground.lab(), ground.lab()];
    const left = await ground.namespaces.prepare(ada, dead, access());
    const kept = await ground.namespaces.prepare(bob, alive, access());
    const isAlive = (lab: string) => lab === alive;
    expect((await ground.namespaces.sweep(isAlive)).labs).toEqual([]);
    const swept = await later(10 * 60_000).sweep(isAlive);
    expect(swept.labs).toContain(dead);
    expect(swept.labs).not.toContain(alive);
    expect(swept.ended).toContain(left.namespace);
    await gone(left.namespace);
    expect(await isThere(kept.namespace)).toBe(true);
  });
});

describe('another installation on the same cluster', () => {
  it('neither sweeps nor ends what is not its own, also of a person that both know', async () => {
    const ada = ground.learner('ada');
    const lab = ground.lab();
    const { namespace } = await ground.namespaces.prepare(ada, lab, access());
    const other = later(10 * 60_000, 'palestra-elsewhere-');
    expect(await other.sweep(() => false)).toEqual({ labs: [], ended: [], stuck: [] });
    await other.end(ada, lab);
    await expect(other.renew(ada, lab)).rejects.toMatchObject({ code: 'conflict' });
    expect((await ground.namespaces.renew(ada, lab)).namespace).toBe(namespace);
  });
});

describe('F21 a finalizer that holds a namespace', () => {
  it('F21 is reported by object and name, and the learner has another namespace at once; freed, nothing is left', async () => {
    const ada = ground.learner('ada');
    const lab = ground.lab();
    const { namespace } = await ground.namespaces.prepare(ada, lab, access());
    await ground.pod(namespace, 'worker');
    const held = { name: 'held', namespace, finalizers: ['example.com/stuck'] };
    await ground.cluster.apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: held });
    await ground.namespaces.end(ada, lab);

    const { stuck } = await later(5 * 60_000).sweep(() => true);
    const mine = stuck.find((one) => one.namespace === namespace);
    expect(mine).toMatchObject({ login: 'ada' });
    expect(mine?.heldBy.join('\n')).toMatch(/ConfigMap held \(example.com\/stuck\)/);
    const pods = () => ground.cluster.kubectlOk(['get', 'pods', '-n', namespace, '-o', 'name']);
    await until(pods, (text) => text.trim() === '', 60_000);
    const words = await until(
      async () =>
        (await later(5 * 60_000).sweep(() => true)).stuck
          .find((one) => one.namespace === namespace)
          ?.heldBy.join('\n') ?? '',
      (text) => /example.com\/stuck in 1 resource/.test(text),
    );
    expect(words).toMatch(/configmaps/);

    const next = await ground.namespaces.prepare(ada, ground.lab(), access());
    expect(next.namespace).toBe(`${namespace}-2`);
    expect(await hard(next.namespace)).toMatchObject({ pods: '6' });

    const release = '[{"op":"remove","path":"/metadata/finalizers"}]';
    await ground.cluster.kubectlOk([
      'patch',
      'configmap',
      'held',
      '-n',
      namespace,
      '--type=json',
      '-p',
      release,
    ]);
    await gone(namespace);
    expect((await later(5 * 60_000).sweep(() => true)).stuck).toEqual([]);
  });
});
