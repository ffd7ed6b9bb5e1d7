/** The chart with its Dask operator on the tests' cluster, the server's own account, and learners with their own tokens. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { NamespaceSettings } from '../../../sandbox-server/contract/namespace.ts';
import { personId } from '../../../sandbox-server/identity/person-id.ts';
import { connectCluster, createNamespaces } from '../../../sandbox-server/namespaces/index.ts';
import { newId } from '../../../sandbox-server/sandboxes/ids.ts';
import { silentLog } from '../../../sandbox-server/telemetry/index.ts';
import { loadImages } from '../chart/images.ts';
import { openRelease } from '../chart/release.ts';
import { devValues } from '../chart/values.ts';
import { kubeconfigOf } from '../cluster/account.ts';
import { openCluster, type Cluster } from '../cluster/cluster.ts';

const NAME = 'palestra-dask-test';
const PREFIX = 'palestra-d-';

export interface Somebody {
  readonly namespace: string;
  /** kubectl with what they were given. @returns standard output. @throws Error with its words */
  kubectl(words: readonly string[], input?: object): Promise<string>;
  /** as the end of their lab */
  end(): Promise<void>;
}
export interface Ground extends AsyncDisposable {
  readonly cluster: Cluster;
  /** of the kit `dask` */
  readonly image: string;
  /** the operator's user, for `--as` */
  readonly operator: string;
  /** what it has said */
  log(): Promise<string>;
  /** a learner whose lesson names these roles */
  learner(login: string, roles: readonly string[]): Promise<Somebody>;
}

export async function openGround(helm: string): Promise<Ground> {
  await using opened = new AsyncDisposableStack();
  const cluster = await openCluster();
  const { dask: image = '' } = await loadImages(cluster, ['dask']);
  const release = opened.use(openRelease(cluster, helm, NAME));
  await release.install(await values(image));
  const folder = await mkdtemp(join(tmpdir(), 'palestra-dask-'));
  opened.defer(() => rm(folder, { recursive: true }));
  const server = { namespace: NAME, account: NAME };
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromFile(await kubeconfigOf(cluster, folder, server));
  const api = opened.adopt(await connectCluster({ kubeConfig }), (c) => c.close());
  const config = NamespaceSettings.parse({
    prefix: PREFIX,
    server,
    sandboxes: release.sandboxes,
    daskOperator: true,
    tokenSeconds: 3600,
  });
  const namespaces = createNamespaces({ cluster: api, config, log: silentLog() });
  const size = { cpu: '2', memory: '4Gi', pods: 10, ephemeral: '10Gi', storage: '0', gpu: 0 };
  // the operator has to be there when they end: it takes its finalizers off
  const leaving = opened.use(new AsyncDisposableStack());
  const owned = opened.move();
  return {
    cluster,
    image,
    operator: `system:serviceaccount:${NAME}:${NAME}-dask`,
    log: () => cluster.kubectlOk(['logs', '-n', NAME, `deploy/${NAME}-dask`, '--tail=-1']),
    async learner(login, roles) {
      const person = { id: personId('https://iam.test', `${login}-${newId()}`), login };
      const lab = newId();
      const prepared = await namespaces.prepare(person, lab, { roles, size, opens: [], sites: [] });
      leaving.defer(async () => {
        const gone = ['delete', 'namespace', prepared.namespace, '--ignore-not-found', '--timeout=150s'];
        await cluster.kubectlOk(gone, { ms: 160_000 });
      });
      const file = join(folder, login);
      await writeFile(`${file}.token`, prepared.token, { mode: 0o600 });
      await writeFile(`${file}.config`, prepared.kubeconfig(`${file}.token`), { mode: 0o600 });
      return {
        namespace: prepared.namespace,
        kubectl: (words, input) =>
          cluster.kubectlOk(
            ['--kubeconfig', `${file}.config`, ...words],
            input === undefined ? {} : { input: JSON.stringify(input) },
          ),
        end: () => namespaces.end(person, lab),
      };
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** A server is not needed, and its image not built: what the chart makes besides is. */
async function values(image: string): Promise<object> {
  const dev = await devValues();
  return {
    ...dev,
    warm: { dask: 0 },
    sandboxes: { ...dev.sandboxes, images: { dask: image } },
    learnerNamespaces: { enabled: true, prefix: PREFIX },
    dask: { operator: { enabled: true } },
  };
}
