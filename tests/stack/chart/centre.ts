/**
 * Palestra as a centre runs it, on the tests' cluster: two replicas, PostgreSQL, a bucket for homes, https and a provider
 * to sign in at. Database, bucket and front stand on the machine's side of the cluster, where pods find them.
 */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BUCKET, KEYS, startGateway, type Gateway } from '../../../sandbox-server/homes/testing/gateway.ts';
import { PASSWORD, startPostgres } from '../../../sandbox-server/store/testing/postgres.ts';
import { openCluster, type Cluster } from '../cluster/cluster.ts';
import { until } from '../until.ts';
import { openFront, type Front } from './front.ts';
import { loadImages } from './images.ts';
import { openRelease, type Release } from './release.ts';
import { imageValue } from './values.ts';

export interface Centre extends AsyncDisposable {
  readonly cluster: Cluster;
  readonly front: Front;
  readonly release: Release;
  /** what was installed, to be changed by an upgrade */
  readonly values: object;
  /** names of the replicas' pods, `pod/…` */
  servers(): Promise<readonly string[]>;
  /** each in turn by SIGKILL, as a crash: nothing is said to anybody. Its container is started again; `between`: meanwhile */
  killServers(between: () => Promise<void>): Promise<void>;
  rolledOut(): Promise<void>;
}

/** @param helm its path; @param name release and namespace. Takes a minute or two. */
export async function openCentre(helm: string, name: string): Promise<Centre> {
  await using opened = new AsyncDisposableStack();
  const cluster = await openCluster();
  const images = await loadImages(cluster, ['server', 'base']);
  const host = cluster.addresses?.host ?? '';
  const release = openRelease(cluster, helm, name);
  // what a run that was cut left: its servers would find the new database, with their old keys
  await release[Symbol.asyncDispose]();
  const front = opened.use(await openFront(host));
  const database = opened.adopt(await openDatabase(host), (d) => d.close());
  const bucket = opened.use(await startGateway(host));
  // gone before what it stands on
  opened.use(release);
  await cluster.kubectlOk(['create', 'namespace', name]);
  await cluster.apply(...objects(name, front, database.url));
  const values = valuesOf(front, bucket, images);
  await release.install(values, '--wait', '--timeout', '4m');
  const service = ['get', 'service', name, '-n', name, '-o', 'jsonpath={.spec.clusterIP}'];
  front.leadTo(await cluster.kubectlOk(service), 80);

  const servers = async (): Promise<readonly string[]> => {
    const words = ['get', 'pods', '-n', name, '-l', 'app.kubernetes.io/name=palestra-server', '-o', 'name'];
    return (await cluster.kubectlOk(words)).split('\n').filter(Boolean);
  };
  const containerOf = async (pod: string): Promise<string> => {
    const id = '{.status.containerStatuses[0].containerID}';
    const told = await cluster.kubectlOk(['get', '-n', name, pod, '-o', `jsonpath=${id}`]);
    return told.replace('containerd://', '');
  };
  const rolledOut = async (): Promise<void> => {
    const words = ['rollout', 'status', '-n', name, `deploy/${name}`, '--timeout=150s'];
    await cluster.kubectlOk(words, { ms: 170_000 });
  };
  const owned = opened.move();
  return {
    cluster,
    front,
    release,
    values,
    servers,
    rolledOut,
    async killServers(between) {
      for (const pod of await servers()) {
        const before = await containerOf(pod);
        await cluster.kill(before);
        await between();
        await until(
          () => containerOf(pod),
          (now) => now !== before,
        );
        await rolledOut();
      }
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const pem = () =>
  generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

/** What an operator brings: the Secret of docs/operating/kubernetes.md, and an authority of their own. */
function objects(namespace: string, front: Front, databaseUrl: string): object[] {
  return [
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'palestra-keys', namespace },
      stringData: {
        session: randomBytes(32).toString('base64'),
        'ticket-current.pem': pem(),
        'ticket-next.pem': pem(),
        'database-url': databaseUrl,
        'oidc-client-secret': front.provider.clientSecret,
        's3-access-key': KEYS.TEST_S3_KEY,
        's3-secret-key': KEYS.TEST_S3_SECRET,
      },
    },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'authorities', namespace },
      data: { 'ca.crt': front.authority },
    },
  ];
}

function valuesOf(front: Front, bucket: Gateway, images: Readonly<Record<string, string>>): object {
  const { clientSecretEnv: _, ...oidc } = front.provider.oidc as { clientSecretEnv?: string };
  return {
    url: front.url,
    image: imageValue(images['server']),
    server: {
      replicas: 2,
      caConfigMap: 'authorities',
      resources: { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '768Mi' } },
    },
    secrets: { existing: 'palestra-keys' },
    oidc,
    homes: { s3: { endpoint: bucket.endpoint, bucket: BUCKET } },
    warm: { base: 1 },
    sandboxes: {
      images: { base: images['base'] },
      pullPolicy: 'Never',
      requests: { cpu: '50m', memory: '128Mi' },
      limits: { cpu: '1', memory: '1Gi', disk: '1Gi', pids: 512 },
    },
    networkPolicy: { from: [{ ipBlock: { cidr: `${new URL(front.url).hostname}/32` } }] },
  };
}

/** A PostgreSQL with a password. */
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
