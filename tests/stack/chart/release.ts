/** A release of the chart on the tests' cluster, in namespaces of its own, gone when it is closed. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { KUBE, manifestsOf, type Manifest } from '../../../infra/chart/testing/helm.ts';
import { runProgram, type Cluster } from '../cluster/cluster.ts';
import { until } from '../until.ts';
import { whyNot } from './why-not.ts';

const CHART = resolve(import.meta.dirname, '../../../infra/chart');
/** How long Kubernetes may take to end a namespace on a busy machine. */
const END_MS = 180_000;

export interface Release extends AsyncDisposable {
  /** the server's */
  readonly namespace: string;
  readonly sandboxes: string;
  /** user name of the server's account, for `--as` */
  readonly account: string;
  /** @throws Error with Helm's words, and with what pods and servers say */
  install(values: object, ...words: readonly string[]): Promise<void>;
  /** the same */
  upgrade(values: object, ...words: readonly string[]): Promise<void>;
  /** to the revision before */
  rollback(): Promise<void>;
  uninstall(): Promise<void>;
  /** what the release is made of now */
  manifests(): Promise<readonly Manifest[]>;
  /** everything that these values would make in the same namespaces, of another release */
  render(file: string, values?: object): Promise<string>;
  notes(): Promise<string>;
}

/** @param helm its path; @param name release and namespace */
export function openRelease(cluster: Cluster, helm: string, name: string): Release {
  const namespace = name;
  const sandboxes = `${name}-sandboxes`;
  const env = { ...process.env, KUBECONFIG: cluster.kubeconfig };
  const call = async (words: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await runProgram([helm, ...words, '-n', namespace], {
      env,
      ms: 280_000,
    });
    if (code !== 0) throw new Error(`helm ${words.join(' ')}: ${stderr.slice(-3_000)}`);
    return stdout;
  };
  const withValues = async (words: readonly string[], values: object): Promise<string> => {
    const folder = await mkdtemp(join(tmpdir(), 'palestra-release-'));
    try {
      const file = join(folder, 'values.yaml');
      await writeFile(file, stringify(values));
      return await call([...words, '-f', file, '--set', `sandboxes.namespace=${sandboxes}`]);
    } finally {
      await rm(folder, { recursive: true });
    }
  };
  const change = async (verb: 'install' | 'upgrade', values: object, words: readonly string[]) => {
    try {
      await withValues([verb, name, CHART, ...words], values);
    } catch (error) {
      throw new Error(`${(error as Error).message}\n${await whyNot(cluster, { namespace, sandboxes })}`, {
        cause: error,
      });
    }
  };
  const isInstalled = async () => (await call(['list', '--all', '--short'])).split('\n').includes(name);
  const close = async (): Promise<void> => {
    if (await isInstalled()) await call(['uninstall', name, '--wait']);
    await cluster.kubectlOk(['delete', 'namespace', namespace, '--ignore-not-found', '--wait=false']);
    await until(
      () => cluster.kubectlOk(['get', 'namespaces', '-o', 'name']),
      (names) =>
        !names.split('\n').some((one) => [namespace, sandboxes].includes(one.slice('namespace/'.length))),
      END_MS,
    );
  };
  return {
    namespace,
    sandboxes,
    account: `system:serviceaccount:${namespace}:${fullName(name)}`,
    install: (values, ...words) => change('install', values, ['--create-namespace', ...words]),
    upgrade: (values, ...words) => change('upgrade', values, words),
    rollback: async () => void (await call(['rollback', name, '--wait', '--timeout', '4m'])),
    uninstall: async () => void (await call(['uninstall', name, '--wait'])),
    manifests: async () => manifestsOf(await call(['get', 'manifest', name])),
    render: (file, values = {}) =>
      withValues(['template', `${name}-other`, CHART, ...KUBE, '-f', join(CHART, file)], values),
    notes: () => call(['get', 'notes', name]),
    [Symbol.asyncDispose]: close,
  };
}

/** As the chart names things. */
function fullName(release: string): string {
  return release.includes('palestra') ? release : `${release}-palestra`;
}
