/** As a centre runs it: two replicas on PostgreSQL behind https, a real login, and terminals that outlive both. */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile, chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findHelm } from '../../../infra/chart/testing/helm.ts';
import { PASSWORD, startPostgres } from '../../../sandbox-server/store/testing/postgres.ts';
import type { Lab } from '../../../sandbox-server/contract/lab.ts';
import { learner, type Learner } from '../../world/learner.ts';
import { missing, openCluster, type Cluster } from '../cluster/cluster.ts';
import { until } from '../until.ts';
import { startCounting, type Counting } from './counting.ts';
import { openFront, type Front } from './front.ts';
import { loadImages } from './images.ts';
import { openRelease, type Release } from './release.ts';

const helm = findHelm();
const own =
  process.env['PALESTRA_CLUSTER_KUBECONFIG'] === undefined
    ? null
    : 'a cluster of yours does not reach this machine';
const why = missing() ?? own ?? (helm === null ? 'no helm; set HELM to its path' : null);
const NAME = 'palestra-replicas';

describe.skipIf(why !== null)(`two replicas${why === null ? '' : ` (skipped: ${why})`}`, () => {
  const way = new AsyncDisposableStack();
  let cluster: Cluster;
  let release: Release;
  let front: Front;
  let values: object = {};
  let ada: Learner;
  let lab: Lab;
  let counting: Counting;
  const serverPods = async (): Promise<string[]> => {
    const words = ['get', 'pods', '-n', NAME, '-l', 'app.kubernetes.io/name=palestra-server', '-o', 'name'];
    return (await cluster.kubectlOk(words)).split('\n').filter(Boolean);
  };
  const rolledOut = () =>
    cluster.kubectlOk(['rollout', 'status', '-n', NAME, `deploy/${NAME}`, '--timeout=150s'], { ms: 170_000 });
  const goesOn = (beyond: number) =>
    until(
      () => Promise.resolve(counting.now),
      (now) => now > beyond + 20,
      90_000,
    );

  beforeAll(async () => {
    cluster = await openCluster();
    const images = await loadImages(cluster, ['server', 'base']);
    const host = cluster.addresses?.host ?? '';
    front = way.use(await openFront(host));
    const database = await openDatabase(host);
    way.defer(() => database.close());
    release = openRelease(cluster, helm ?? '', NAME);
    await release[Symbol.asyncDispose]();
    way.defer(() => release[Symbol.asyncDispose]());
    await cluster.kubectlOk(['create', 'namespace', NAME]);
    await cluster.apply(...objects(front, database.url));
    values = { ...valuesOf(front, images), networkPolicy: { from: [{ ipBlock: { cidr: `${host}/32` } }] } };
    await release.install(values, '--wait', '--timeout', '4m');
    const service = ['get', 'service', NAME, '-n', NAME, '-o', 'jsonpath={.spec.clusterIP}'];
    front.leadTo(await cluster.kubectlOk(service), 80);
  }, 1_200_000);
  afterAll(() => way.disposeAsync(), 400_000);

  it('both are ready, and one more may go at a time', async () => {
    expect(await serverPods()).toHaveLength(2);
    const budget = ['get', 'pdb', NAME, '-n', NAME, '-o', 'jsonpath={.status.disruptionsAllowed}'];
    expect(
      await until(
        () => cluster.kubectlOk(budget),
        (allowed) => allowed === '1',
      ),
    ).toBe('1');
  });

  it('a learner signs in over https and has a terminal in a pod', async () => {
    ada = await learner(front.url, 'ada');
    lab = await ada.start('first-steps', '1-how-a-lab-works');
    counting = await startCounting(front.url, ada, lab.id);
    way.defer(() => counting.close());
    await goesOn(0);
  });

  it('F2 an upgrade under a running program: every replica is another, no byte is lost', async () => {
    const [before, now] = [await serverPods(), counting.now];
    await release.upgrade({ ...values, config: { keepDays: 3 } }, '--wait', '--timeout', '4m');
    await goesOn(now);
    await until(
      serverPods,
      (pods) => pods.length === 2 && !pods.some((pod) => before.includes(pod)),
      120_000,
    );
    await goesOn(counting.now);
  });

  it('both replicas killed in turn: the same', async () => {
    for (const pod of await serverPods()) {
      const now = counting.now;
      await cluster.kubectlOk(['delete', '-n', NAME, pod, '--grace-period=0', '--force']);
      await goesOn(now);
      await rolledOut();
    }
    await goesOn(counting.now);
    const numbers = counting.numbers();
    expect(numbers).toEqual(numbers.map((_, i) => i));
    expect(counting.returns).toBeGreaterThanOrEqual(1);
    process.stdout.write(
      `terminal came again ${counting.returns} times, longest ${counting.longest} ms, ${numbers.length} lines\n`,
    );
  });

  it('helm rollback goes back to the settings before', async () => {
    const now = counting.now;
    await release.rollback();
    await rolledOut();
    await goesOn(now);
    const settings = ['get', 'configmap', NAME, '-n', NAME, '-o', 'jsonpath={.data}'];
    expect(await cluster.kubectlOk(settings)).not.toContain('keepDays');
  });
});

const pem = () =>
  generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

/** What an operator brings: the Secret of docs/operating/kubernetes.md, and an authority of their own. */
function objects(front: Front, databaseUrl: string): object[] {
  return [
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'palestra-keys', namespace: NAME },
      stringData: {
        session: randomBytes(32).toString('base64'),
        'ticket-current.pem': pem(),
        'ticket-next.pem': pem(),
        'database-url': databaseUrl,
        'oidc-client-secret': front.provider.clientSecret,
      },
    },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'authorities', namespace: NAME },
      data: { 'ca.crt': front.authority },
    },
  ];
}

function valuesOf(front: Front, images: Readonly<Record<string, string>>): object {
  const [repository, tag] = (images['server'] ?? '').split(/:(?=[^:]*$)/);
  const { clientSecretEnv: _, ...oidc } = front.provider.oidc as { clientSecretEnv?: string };
  return {
    url: front.url,
    image: { repository, tag, pullPolicy: 'Never' },
    server: {
      replicas: 2,
      caConfigMap: 'authorities',
      resources: { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '768Mi' } },
    },
    secrets: { existing: 'palestra-keys' },
    oidc,
    warm: { base: 1 },
    sandboxes: {
      images: { base: images['base'] },
      pullPolicy: 'Never',
      requests: { cpu: '50m', memory: '128Mi' },
      limits: { cpu: '1', memory: '1Gi', disk: '1Gi', pids: 512 },
    },
  };
}

/** A PostgreSQL on the machine's side of the cluster, with a password. */
async function openDatabase(host: string): Promise<{ url: string; close(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'palestra-hba-'));
  await chmod(folder, 0o755);
  const rules = join(folder, 'pg_hba.conf');
  await writeFile(rules, 'local all all scram-sha-256\nhost all all 10.0.0.0/8 scram-sha-256\n', {
    mode: 0o644,
  });
  const postgres = await startPostgres(['-c', `listen_addresses=${host}`, '-c', `hba_file=${rules}`]);
  return {
    url: `postgres://tester:${PASSWORD}@${host}/postgres`,
    async close() {
      await postgres.close();
      await rm(folder, { recursive: true });
    },
  };
}
