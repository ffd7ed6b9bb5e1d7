/**
 * Learners' namespaces on the real cluster: what an installation brings, the server's own account with nothing but its
 * rights, learners with their own tokens, and pods that try what a pod can. All of it is removed at the end.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { writeProgramImage } from '../../../infra/dev-cluster/images/archive.ts';
import { NamespaceSettings } from '../../../sandbox-server/contract/namespace.ts';
import { personId } from '../../../sandbox-server/identity/person-id.ts';
import { newId } from '../../../sandbox-server/sandboxes/ids.ts';
import { silentLog } from '../../../sandbox-server/telemetry/index.ts';
import type { Access } from '../../../sandbox-server/namespaces/access.ts';
import {
  connectCluster,
  createNamespaces,
  type Cluster as Api,
  type Learner,
  type Namespaces,
  type Prepared,
} from '../../../sandbox-server/namespaces/index.ts';
import { installed } from '../../../sandbox-server/namespaces/policies/index.ts';
import { kubeconfigOf } from '../cluster/account.ts';
import { openCluster, runProgram, type Cluster, type Ran } from '../cluster/cluster.ts';
import { until } from '../until.ts';

const IMAGE = 'localhost/palestra/namespaces-probe:1';
export const SERVER = { namespace: 'palestra-ns-test', account: 'server' } as const;
export const SANDBOXES = 'palestra-ns-sandboxes';
export const SETTINGS = NamespaceSettings.parse({
  prefix: 'palestra-t-',
  server: SERVER,
  sandboxes: SANDBOXES,
  tokenSeconds: 600,
});
const SMALL: Access = {
  roles: ['jobs'],
  size: { cpu: '1', memory: '1Gi', pods: 6, ephemeral: '2Gi', storage: '0', gpu: 0 },
  opens: [],
  sites: [],
};
export const access = (more: Partial<Access> = {}): Access => ({ ...SMALL, ...more });

export interface Ground {
  readonly cluster: Cluster;
  readonly namespaces: Namespaces;
  /** the API as the server's account: its rights and no other */
  readonly asServer: Api;
  /** kubectl with the server's token */
  server(...words: readonly string[]): Promise<Ran>;
  /** the same with an object for `-f -` */
  serverWith(input: object, ...words: readonly string[]): Promise<Ran>;
  /** somebody of this test's own, another at each call */
  learner(login: string): Learner;
  lab(): string;
  /** kubectl with what the learner was given */
  as(prepared: Prepared, words: readonly string[], input?: object): Promise<Ran>;
  /** a pod of the probe's, Running; runs `listen 8786` */
  pod(namespace: string, name: string, more?: PodMore): Promise<string>;
  /** runs the probe in a pod that is there. @returns what it printed */
  probe(namespace: string, pod: string, ...words: readonly string[]): Promise<string>;
  close(): Promise<void>;
}
export interface PodMore {
  readonly labels?: Readonly<Record<string, string>>;
  readonly listen?: readonly string[];
  readonly spec?: object;
}

export async function openGround(): Promise<Ground> {
  const cluster = await openCluster();
  const folder = await mkdtemp(join(tmpdir(), 'palestra-namespaces-'));
  await loadProbe(cluster, folder);
  await install(cluster);
  const kubeconfig = await kubeconfigOf(cluster, folder, SERVER);
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromFile(kubeconfig);
  const asServer = await connectCluster({ kubeConfig });
  const namespaces = createNamespaces({ cluster: asServer, config: SETTINGS, log: silentLog() });
  const people: Learner[] = [];
  let files = 0;

  const as = (kube: string, words: readonly string[], input?: object): Promise<Ran> =>
    cluster.kubectl(
      ['--kubeconfig', kube, ...words],
      input === undefined ? {} : { input: JSON.stringify(input) },
    );
  return {
    cluster,
    namespaces,
    asServer,
    server: (...words) => as(kubeconfig, words),
    serverWith: (input, ...words) => as(kubeconfig, words, input),
    learner(login) {
      const person = { id: personId('https://iam.test', `${login}-${newId()}`), login };
      people.push(person);
      return person;
    },
    lab: newId,
    async as(prepared, words, input) {
      const base = join(folder, String((files += 1)));
      await writeFile(`${base}.token`, prepared.token, { mode: 0o600 });
      await writeFile(`${base}.config`, prepared.kubeconfig(`${base}.token`), { mode: 0o600 });
      return as(`${base}.config`, words, input);
    },
    async pod(namespace, name, more = {}) {
      await cluster.apply(podObject(namespace, name, more));
      return running(cluster, namespace, name);
    },
    probe: (namespace, pod, ...words) =>
      cluster.kubectlOk(['exec', '-n', namespace, pod, '--', '/probe', ...words]),
    async close() {
      asServer.close();
      await removeAll(cluster);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A restricted pod of the probe's. */
export function podObject(
  namespace: string,
  name: string,
  { labels, listen = ['8786'], spec }: PodMore = {},
) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, ...(labels === undefined ? {} : { labels }) },
    spec: {
      terminationGracePeriodSeconds: 0,
      securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'probe',
          image: IMAGE,
          imagePullPolicy: 'Never',
          command: ['/probe', 'listen', ...listen],
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        },
      ],
      ...spec,
    },
  };
}

async function running(cluster: Cluster, namespace: string, name: string): Promise<string> {
  const path = 'jsonpath={.status.phase} {.status.podIP}';
  const state = await until(
    async () => cluster.kubectlOk(['get', 'pod', '-n', namespace, name, '-o', path]),
    (text) => /^Running \S/.test(text),
  );
  return state.slice('Running '.length);
}

/** Into the dev cluster; a person's own is told beforehand (`kind load image-archive …`). */
async function loadProbe(cluster: Cluster, folder: string): Promise<void> {
  if (cluster.containerdSocket === null) return;
  const program = join(folder, 'probe');
  const source = join(import.meta.dirname, 'probe');
  const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=mod', GOTOOLCHAIN: 'local' };
  const argv = ['go', 'build', '-C', source, '-trimpath', '-ldflags', '-s -w', '-o', program, '.'];
  const built = await runProgram(argv, { env, ms: 300_000 });
  if (built.code !== 0) throw new Error(`the probe was not built: ${built.stderr}`);
  const archive = join(folder, 'probe.tar');
  await writeProgramImage({ program, reference: IMAGE, command: ['/probe', 'listen', '8786'] }, archive);
  await cluster.load(archive);
}

async function install(cluster: Cluster): Promise<void> {
  await removeAll(cluster);
  const namespace = (name: string) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  await cluster.apply(namespace(SERVER.namespace), namespace(SANDBOXES));
  const account = { name: SERVER.account, namespace: SERVER.namespace };
  await cluster.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: account });
  const bounds = { images: ['localhost/palestra/'], runtimeClasses: [], priorityClasses: [] };
  await cluster.apply(...installed(SETTINGS, bounds));
  // policies are compiled some moments after they are written: until one is seen to refuse
  await until(
    () => cluster.kubectl(['create', 'namespace', 'kube-root', '--dry-run=server', ...asAccount()]),
    ({ stderr }) => /makes and removes only namespaces called/.test(stderr),
  );
}
/** A line of `can-i --list` with its verbs in an order of its own: Kubernetes joins rules in any. */
export function plain(line: string): string {
  const [, what = '', verbs = ''] = /^(.*?) +\[([^\]]*)\]$/.exec(line.trim()) ?? [];
  return `${what.replace(/ +/g, ' ')} [${verbs.split(' ').sort().join(' ')}]`;
}

/** as the server's account, by impersonation */
function asAccount(): string[] {
  return [`--as=system:serviceaccount:${SERVER.namespace}:${SERVER.account}`];
}

/** Everything that this test makes: learners' namespaces first, whose removal needs no policy of ours. */
async function removeAll(cluster: Cluster): Promise<void> {
  const objects = installed(SETTINGS, { images: [], runtimeClasses: [], priorityClasses: [] });
  const list = { apiVersion: 'v1', kind: 'List', items: objects };
  await cluster.kubectlOk(['delete', '--ignore-not-found', '--wait=false', '-f', '-'], {
    input: JSON.stringify(list),
  });
  const all = await cluster.kubectlOk(['get', 'namespaces', '-o', 'name']);
  const ours = all
    .split('\n')
    .map((line) => line.replace('namespace/', ''))
    .filter((name) => name.startsWith(SETTINGS.prefix) || name === SERVER.namespace || name === SANDBOXES);
  if (ours.length === 0) return;
  await cluster.kubectlOk(['delete', 'namespace', '--ignore-not-found', ...ours], { ms: 120_000 });
}
