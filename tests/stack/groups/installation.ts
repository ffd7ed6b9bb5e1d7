/**
 * An installation whose server is on this machine and whose sandboxes are pods: what the chart makes on the cluster but
 * the server itself, and a server with that account's rights and no other, wired as `npm start` wires it.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { chartWith, manifestsOf, type Manifest } from '../../../infra/chart/testing/helm.ts';
import { parseSettings } from '../../../sandbox-server/cli/settings.ts';
import { openPalestra, type Palestra } from '../../../sandbox-server/main.ts';
import { createLog } from '../../../sandbox-server/telemetry/index.ts';
import { freePort } from '../../world/server.ts';
import { loadImages } from '../chart/images.ts';
import { devValues } from '../chart/values.ts';
import { kubeconfigOf } from '../cluster/account.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { until } from '../until.ts';

const NAMESPACE = 'palestra-groups';
export const SANDBOXES = 'palestra-groups-sandboxes';
export const PREFIX = 'palestra-g-';
/** what a chart without its server is, and without what only the server's pod reads */
const SERVERS_OWN = new Set([
  'Deployment',
  'Service',
  'Secret',
  'HorizontalPodAutoscaler',
  'PersistentVolumeClaim',
]);

export interface Installation extends AsyncDisposable {
  readonly url: string;
  /** the settings as a file, for the command */
  readonly settings: string;
  /** of the kit `base` */
  readonly image: string;
  /** ends the server, keeps its state, and starts it again */
  restart(): Promise<void>;
}

/** @param courses files by their path below `courses/`; @param groups as in palestra.yaml */
export async function install(
  cluster: Cluster,
  helm: string,
  courses: Readonly<Record<string, string>>,
  groups: object,
): Promise<Installation> {
  const folder = await mkdtemp(join(tmpdir(), 'palestra-groups-'));
  const { base: image = '' } = await loadImages(cluster, ['base']);
  const made = await objects(cluster, helm, image);
  await remove(cluster, made);
  await cluster.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
  await cluster.apply(...made.filter(({ kind }) => kind === 'Namespace'));
  await cluster.apply(...made.filter(({ kind }) => kind !== 'Namespace'));
  await writeAll(join(folder, 'courses'), courses);
  // a site that is built, as a browser is led to it after its login
  await writeAll(join(folder, 'dist'), { 'index.html': '<!doctype html><title>Palestra</title>' });
  const kubeconfig = await kubeconfigOf(cluster, folder, {
    namespace: NAMESPACE,
    account: accountOf(made),
  });
  const port = await freePort();
  const settings = join(folder, 'palestra.yaml');
  await writeFile(
    settings,
    stringify(settingsFor({ port, kubeconfig, image, groups, account: accountOf(made) })),
  );
  const open = async (): Promise<Palestra> =>
    openPalestra({
      root: folder,
      state: join(folder, 'state'),
      config: parseSettings(await readFile(settings, 'utf8'), settings),
      log: createLog({ level: 'warn' }),
    });
  let server = await open();
  return {
    url: server.url,
    settings,
    image,
    async restart() {
      await server.close();
      server = await open();
    },
    async [Symbol.asyncDispose]() {
      await server.close();
      await remove(cluster, made);
      await rm(folder, { recursive: true });
    },
  };
}

/** The chart's own, and the agents' door for a server that is no pod. */
async function objects(cluster: Cluster, helm: string, image: string): Promise<readonly Manifest[]> {
  const dev = await devValues();
  const values = {
    ...dev,
    sandboxes: { ...dev.sandboxes, namespace: SANDBOXES, images: { base: image } },
    learnerNamespaces: { enabled: true, prefix: PREFIX },
  };
  const rendered = manifestsOf(await chartWith(helm).template(values, NAMESPACE));
  const machine = cluster.addresses?.host;
  if (machine === undefined)
    throw new Error('which address a server outside of your cluster has is not known');
  return [
    ...rendered.filter(({ kind }) => !SERVERS_OWN.has(kind)),
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'server-on-the-machine', namespace: SANDBOXES, labels: {} },
      spec: {
        podSelector: {},
        policyTypes: ['Ingress'],
        ingress: [
          { from: [{ ipBlock: { cidr: `${machine}/32` } }], ports: [{ port: 7070, protocol: 'TCP' }] },
        ],
      },
    },
  ];
}

function accountOf(made: readonly Manifest[]): string {
  const account = made.find(
    ({ kind, metadata }) => kind === 'ServiceAccount' && metadata.namespace === NAMESPACE,
  );
  if (account === undefined) throw new Error('the chart makes no account for its server');
  return account.metadata.name;
}

interface Written {
  readonly port: number;
  readonly kubeconfig: string;
  readonly image: string;
  readonly groups: object;
  readonly account: string;
}
function settingsFor({ port, kubeconfig, image, groups, account }: Written): object {
  return {
    port,
    groups,
    warm: { base: 1 },
    services: {},
    limits: { memory: 512 * 1024 ** 2, disk: 64 * 1024 ** 2, pids: 128, cpu: 1 },
    driver: {
      kind: 'kubernetes',
      kubeconfig,
      namespace: SANDBOXES,
      images: { base: image },
      pullPolicy: 'Never',
      requests: { memory: 64 * 1024 ** 2, cpu: 0.01 },
    },
    namespaces: {
      prefix: PREFIX,
      sandboxes: SANDBOXES,
      server: { namespace: NAMESPACE, account },
      tokenSeconds: 600,
    },
  };
}

async function writeAll(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
}

/** All that an installation made, also one that was killed, and learners' namespaces. */
async function remove(cluster: Cluster, made: readonly Manifest[]): Promise<void> {
  const list = { apiVersion: 'v1', kind: 'List', items: made.filter(({ kind }) => kind !== 'Namespace') };
  await cluster.kubectlOk(['delete', '--ignore-not-found', '--wait=false', '-f', '-'], {
    input: JSON.stringify(list),
  });
  const all = await namespacesOf(cluster);
  const ours = all.filter(isOurs);
  if (ours.length > 0)
    await cluster.kubectlOk(['delete', 'namespace', '--ignore-not-found', '--wait=false', ...ours]);
  await until(
    async () => (await namespacesOf(cluster)).filter(isOurs),
    (left) => left.length === 0,
    180_000,
  );
}
const isOurs = (name: string): boolean => name.startsWith(PREFIX) || name === NAMESPACE || name === SANDBOXES;

export async function namespacesOf(cluster: Cluster): Promise<readonly string[]> {
  const names = await cluster.kubectlOk(['get', 'namespaces', '-o', 'name']);
  return names
    .split('\n')
    .filter(Boolean)
    .map((line) => line.replace('namespace/', ''));
}
