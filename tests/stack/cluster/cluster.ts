/**
 * The cluster that all stack tests of a run share: the dev cluster with number 2 and a state of its own, started by
 * whoever asks first, left running for the next, ended by `at-end.ts`. Where a person names a cluster of theirs
 * (`PALESTRA_CLUSTER_KUBECONFIG`), that one is used. Each test makes its own namespaces and removes them.
 */
import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { addressesOf, type Addresses } from '../../../infra/dev-cluster/place.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const COMMAND = join(ROOT, 'infra/dev-cluster/cluster.ts');
const NUMBER = Number(process.env['PALESTRA_TEST_CLUSTER'] ?? 2);
const STATE = join(ROOT, NUMBER === 2 ? '.palestra/stack-cluster' : `.palestra/stack-cluster-${NUMBER}`);

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}
export interface KubectlOptions {
  /** for `-f -` */
  readonly input?: string;
  /** default 60 s */
  readonly ms?: number;
}

export interface Cluster {
  /** administrator's */
  readonly kubeconfig: string;
  /** for `ctr -a … -n k8s.io`; null: a person's own cluster, whose containerd is not ours */
  readonly containerdSocket: string | null;
  /** null: a person's own */
  readonly addresses: Addresses | null;
  /** folder of the cluster: `log/audit.jsonl` is below it; null: a person's own */
  readonly folder: string | null;
  kubectl(words: readonly string[], options?: KubectlOptions): Promise<Ran>;
  /** @returns standard output. @throws Error with kubectl's words where it fails */
  kubectlOk(words: readonly string[], options?: KubectlOptions): Promise<string>;
  /** Server-side apply of objects. @throws Error */
  apply(...objects: readonly object[]): Promise<void>;
  /** Images of an OCI archive, for pods with `imagePullPolicy: Never`. @throws Error, also where it is not ours */
  load(archive: string): Promise<void>;
  /** SIGKILL to what runs in a container, by containerd's name of it. @throws Error, also where it is not ours */
  kill(container: string): Promise<void>;
  /** a verb of cluster.ts with --json, e.g. `cluster.command('status')` */
  command(...words: readonly string[]): Promise<Ran>;
}

/** What is missing on this machine, as a sentence; null: nothing. Packages and binaries are provided by `up`. */
export function missing(): string | null {
  if (own() !== null || process.getuid?.() === 0) return null;
  return 'the cluster of the tests needs root, or PALESTRA_CLUSTER_KUBECONFIG with a cluster of yours';
}

/** Starts it where it does not run (10 to 30 s; the very first time its binaries are built: many minutes). */
export async function openCluster(): Promise<Cluster> {
  const given = own();
  if (given !== null) return clusterOf({ kubeconfig: given, folder: null });
  const said = await command('up');
  if (said.code !== 0)
    throw new Error(`the cluster did not start: ${said.stdout.slice(-2_000)}${said.stderr}`);
  return clusterOf({ kubeconfig: join(STATE, 'cluster/admin.kubeconfig'), folder: join(STATE, 'cluster') });
}

/** One verb of the tests' cluster. */
export function command(...words: readonly string[]): Promise<Ran> {
  const env = { ...process.env, PALESTRA_STATE: STATE, PALESTRA_CLUSTER_NUMBER: String(NUMBER) };
  return runProgram([process.execPath, COMMAND, ...words, '--json'], { env, ms: 3_000_000 });
}

function clusterOf({ kubeconfig, folder }: { kubeconfig: string; folder: string | null }): Cluster {
  const kubectl: Cluster['kubectl'] = async (words, options = {}) => {
    const env = { ...process.env, KUBECONFIG: kubeconfig };
    return runProgram([await kubectlPath(), ...words], { ...options, env });
  };
  const kubectlOk: Cluster['kubectlOk'] = async (words, options = {}) => {
    const { code, stdout, stderr } = await kubectl(words, options);
    if (code !== 0) throw new Error(`kubectl ${words.join(' ')}: ${stderr.slice(-2_000)}`);
    return stdout;
  };
  const containerdSocket = folder === null ? null : join(folder, 'containerd.sock');
  const ctr = async (...words: readonly string[]): Promise<void> => {
    if (containerdSocket === null) throw new Error('only the dev cluster lets us at its containerd');
    const argv = ['ctr', '-a', containerdSocket, '-n', 'k8s.io', ...words];
    const { code, stderr } = await runProgram(argv, { env: process.env, ms: 300_000 });
    if (code !== 0) throw new Error(`ctr ${words.join(' ')}: ${stderr.slice(-2_000)}`);
  };
  return {
    kubeconfig,
    containerdSocket,
    folder,
    addresses: folder === null ? null : addressesOf(NUMBER),
    kubectl,
    kubectlOk,
    async apply(...objects) {
      const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
      await kubectlOk(['apply', '--server-side', '--force-conflicts', '-f', '-'], { input });
    },
    load: (archive) => ctr('images', 'import', archive),
    kill: (container) => ctr('task', 'kill', '-s', 'SIGKILL', container),
    command,
  };
}

function own(): string | null {
  const given = process.env['PALESTRA_CLUSTER_KUBECONFIG'];
  return given === undefined || given === '' ? null : given;
}

let found: Promise<string> | undefined;
/** of the dev cluster's own build; a person's own cluster is asked with the same */
export function kubectlPath(): Promise<string> {
  found ??= runProgram([process.execPath, COMMAND, 'tool', 'kubectl'], { env: process.env }).then(
    ({ code, stdout }) => (code === 0 ? stdout.trim() : 'kubectl'),
  );
  return found;
}

interface RunOptions extends KubectlOptions {
  readonly env: NodeJS.ProcessEnv;
}

export function runProgram(argv: readonly string[], { env, input, ms = 60_000 }: RunOptions): Promise<Ran> {
  const [program = '', ...args] = argv;
  return new Promise((done, fail) => {
    const child = spawn(program, args, {
      env,
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: ms,
      killSignal: 'SIGKILL',
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.once('error', fail);
    child.once('close', (code, signal) =>
      done({ code: code ?? 1, stdout, stderr: signal === null ? stderr : `${stderr} (${signal})` }),
    );
    child.stdin.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') fail(error);
    });
    child.stdin.end(input ?? '');
  });
}
