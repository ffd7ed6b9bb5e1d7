/**
 * The controller of kubernetes-sigs/agent-sandbox (v0.5.6) beside the cluster, with a SandboxWarmPool of our own pods.
 * Built once from pinned Go modules under .palestra/bench/ (about three CPU minutes).
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, open, readFile, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { requireGo } from '../../../infra/dev-cluster/binaries/go.ts';
import { openAccess } from '../../../sandbox-server/sandboxes/kubernetes/api/access.ts';
import { createApi, type Api } from '../../../sandbox-server/sandboxes/kubernetes/api/api.ts';
import { KEYS, LABEL } from '../../../sandbox-server/sandboxes/kubernetes/objects/names.ts';
import { podTemplate } from '../../../sandbox-server/sandboxes/kubernetes/objects/pod-template.ts';
import {
  LIMITS,
  REQUESTS,
  namespaceObject,
  openShared,
} from '../../../sandbox-server/sandboxes/kubernetes/testing/cluster-subject.ts';
import { until } from '../../stack/until.ts';
import { freePort } from '../../world/server.ts';

const run = promisify(execFile);
const MODULE = 'sigs.k8s.io/agent-sandbox';
const SOURCE = join(import.meta.dirname, 'agent-sandbox');
const BINARY = resolve(import.meta.dirname, '../../../.palestra/bench/agent-sandbox/controller');
const GROUP = 'extensions.agents.x-k8s.io/v1beta1';
const GO = {
  cwd: SOURCE,
  env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=readonly', GOWORK: 'off' },
};
const LOOK_MS = 2;
const PATIENCE_MS = 60_000;

export interface AgentSandbox extends AsyncDisposable {
  /** a namespace of its own, so that its writes are told from ours */
  readonly namespace: string;
  /** @returns ms from the request to *Ready* of the claim, as its own status says it */
  claim(name: string): Promise<number>;
  /** until the pool is full again */
  full(): Promise<void>;
  /** claims and what they hold go; returns once they have */
  release(names: readonly string[]): Promise<void>;
}

export async function installAgentSandbox(say: (line: string) => void): Promise<void> {
  if (existsSync(BINARY)) return;
  await requireGo();
  say('building the controller of agent-sandbox to compare with (about three CPU minutes, once) …');
  await mkdir(join(BINARY, '..'), { recursive: true });
  const words = ['build', '-trimpath', '-buildvcs=false', '-ldflags', '-s -w', '-o', BINARY];
  await run('go', [...words, `${MODULE}/cmd/agent-sandbox-controller`], GO);
}

/** @param ours the namespace of a server of ours: its keys are what the pods mount. @param n warm ones */
export async function openAgentSandbox(ours: string, n: number): Promise<AgentSandbox> {
  const { cluster, image } = await openShared();
  const namespace = `${ours}-peer`;
  await using undo = new AsyncDisposableStack();
  await cluster.apply(namespaceObject(namespace));
  undo.defer(() => cluster.kubectl(['delete', 'namespace', namespace, '--wait=false']).then(() => undefined));
  const keys = await cluster.kubectlOk(['-n', ours, 'get', 'configmap', KEYS, '-o', 'json']);
  const { data } = JSON.parse(keys) as { data: object };
  await cluster.apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: KEYS, namespace }, data });
  await cluster.apply(...(await definitions()));
  await cluster.kubectlOk(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=30s']);
  const api = createApi(await openAccess({ kubeconfig: cluster.kubeconfig }));
  undo.defer(() => api.close());
  undo.use(await controller(cluster.kubeconfig));
  await cluster.apply(...objects(namespace, n, image));
  const at = `/apis/${GROUP}/namespaces/${namespace}`;
  const owned = undo.move();
  return {
    namespace,
    claim: (name) => claim(api, `${at}/sandboxclaims`, name),
    full: () =>
      until(
        () => api.call({ method: 'GET', path: `${at}/sandboxwarmpools/peer` }),
        (pool) => Number(statusOf(pool)['readyReplicas'] ?? 0) >= n,
        120_000,
      ).then(() => undefined),
    async release(names) {
      await cluster.kubectlOk(['-n', namespace, 'delete', 'sandboxclaims', ...names]);
    },
    async [Symbol.asyncDispose]() {
      const all = ['sandboxclaims', 'sandboxwarmpools', 'sandboxtemplates', 'sandboxes.agents.x-k8s.io'];
      await cluster.kubectl(['-n', namespace, 'delete', all.join(','), '--all', '--timeout=60s']);
      await owned.disposeAsync();
    },
  };
}

async function claim(api: Api, path: string, name: string): Promise<number> {
  const spec = { warmPoolRef: { name: 'peer' } };
  const began = performance.now();
  await api.call({
    method: 'POST',
    path,
    body: { apiVersion: GROUP, kind: 'SandboxClaim', metadata: { name }, spec },
  });
  while (!isReady(await api.call({ method: 'GET', path: `${path}/${name}` }))) {
    if (performance.now() - began > PATIENCE_MS)
      throw new Error(`the SandboxClaim ${name} is not ready after a minute`);
    await sleep(LOOK_MS);
  }
  return performance.now() - began;
}

function statusOf(object: unknown): Record<string, unknown> {
  return (object as { status?: Record<string, unknown> }).status ?? {};
}
function isReady(object: unknown): boolean {
  const conditions = (statusOf(object)['conditions'] ?? []) as readonly { type: string; status: string }[];
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
}

/** The module's own; without the webhook that converts between versions, of which only the newest is kept. */
async function definitions(): Promise<readonly object[]> {
  const { stdout } = await run('go', ['list', '-m', '-f', '{{.Dir}}', MODULE], GO);
  const folder = join(stdout.trim(), 'k8s/crds');
  const files = (await readdir(folder)).filter((name) => name.endsWith('.yaml'));
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')));
  return texts.map((text) => {
    const crd = parse(text) as { spec: { conversion?: object; versions: readonly { name: string }[] } };
    const versions = crd.spec.versions.filter(({ name }) => name === 'v1beta1');
    return { ...crd, spec: { ...crd.spec, conversion: { strategy: 'None' }, versions } };
  });
}

/** Our pod, without the labels by which our server would take it for its own, and without its pools' gate. */
function objects(namespace: string, n: number, image: string): readonly object[] {
  const settings = { kit: 'base', image, pullPolicy: 'Never', limits: LIMITS, requests: REQUESTS } as const;
  const { metadata, spec } = podTemplate(settings, 'peer');
  const pod = { metadata: { labels: { [LABEL.kit]: 'peer' }, annotations: metadata.annotations }, spec };
  const named = { name: 'peer', namespace };
  return [
    {
      apiVersion: GROUP,
      kind: 'SandboxTemplate',
      metadata: named,
      spec: { networkPolicyManagement: 'Unmanaged', podTemplate: pod },
    },
    {
      apiVersion: GROUP,
      kind: 'SandboxWarmPool',
      metadata: named,
      spec: { replicas: n, sandboxTemplateRef: { name: 'peer' } },
    },
  ];
}

async function controller(kubeconfig: string): Promise<AsyncDisposable> {
  const [metrics, health] = [await freePort(), await freePort()];
  const log = await open(join(BINARY, '../controller.log'), 'w');
  const words = [
    '--kubeconfig',
    kubeconfig,
    '--leader-elect=false',
    '--extensions',
    '--enable-webhook=false',
  ];
  const ports = [
    `--metrics-bind-address=127.0.0.1:${metrics}`,
    `--health-probe-bind-address=127.0.0.1:${health}`,
  ];
  const child = spawn(BINARY, [...words, ...ports], { stdio: ['ignore', log.fd, log.fd] });
  await log.close();
  return {
    async [Symbol.asyncDispose]() {
      // ended by a signal it has no exit code, and gives no second exit
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}
