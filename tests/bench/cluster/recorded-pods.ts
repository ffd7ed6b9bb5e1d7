/**
 * A thousand pods that nothing runs: objects bound to a node that no kubelet serves, their status written by us. The API
 * server, the watch and our server cannot tell; all their agents are one listener on this machine's loopback.
 */
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AgentStatus } from '../../../sandbox-server/contract/agent.ts';
import { certificateIn } from '../../../sandbox-server/agent/pod/certificate.ts';
import { openAccess } from '../../../sandbox-server/sandboxes/kubernetes/api/access.ts';
import { createApi, type Api } from '../../../sandbox-server/sandboxes/kubernetes/api/api.ts';
import {
  AGENT_PORT,
  CLAIMED,
  LABEL,
  WARM,
} from '../../../sandbox-server/sandboxes/kubernetes/objects/names.ts';
import { podTemplate } from '../../../sandbox-server/sandboxes/kubernetes/objects/pod-template.ts';
import {
  LIMITS,
  REQUESTS,
  openShared,
} from '../../../sandbox-server/sandboxes/kubernetes/testing/cluster-subject.ts';
import { createTurns } from '../../../sandbox-server/sandboxes/turns.ts';

const AT_ONCE = 16;
const HOST = '127.0.0.1';

/** `n` warm pods of the kit `base` in a namespace, each ready with an agent that answers; gone with their node. */
export async function recordedPods(namespace: string, n: number): Promise<AsyncDisposable> {
  const { cluster, image } = await openShared();
  const access = await openAccess({ kubeconfig: cluster.kubeconfig });
  const api = createApi(access);
  const node = `recorded-${namespace}`;
  const pods = `/api/v1/namespaces/${namespace}/pods`;
  await using undo = new AsyncDisposableStack();
  undo.defer(() => api.close());
  undo.use(await agentForAll());
  await api.call({ method: 'POST', path: '/api/v1/nodes', body: nodeObject(node) });
  undo.defer(async () => {
    // no kubelet would ever end them
    await api.call({ method: 'DELETE', path: pods, body: { gracePeriodSeconds: 0 } });
    await api.call({ method: 'DELETE', path: `/api/v1/nodes/${node}` });
  });
  const turns = createTurns(AT_ONCE);
  const names = Array.from({ length: n }, (_, i) => `recorded-${i}`);
  await Promise.all(names.map((name) => turns.run(() => makeReady(api, pods, podObject(name, node, image)))));
  return undo.move();
}

async function makeReady(api: Api, path: string, pod: { metadata: { name: string } }): Promise<void> {
  await api.call({ method: 'POST', path, body: pod });
  const at = `${path}/${pod.metadata.name}/status`;
  await api.call({ method: 'PATCH', path: at, type: 'application/json-patch+json', body: STATUS_PATCH });
}

function nodeObject(name: string): object {
  const taints = [{ key: 'recorded', effect: 'NoSchedule' }];
  return { apiVersion: 'v1', kind: 'Node', metadata: { name }, spec: { taints } };
}

function podObject(name: string, nodeName: string, image: string) {
  const settings = { kit: 'base', image, pullPolicy: 'Never', limits: LIMITS, requests: REQUESTS } as const;
  // a pool's has a gate, and a pod with one may have no node
  const { metadata, spec } = podTemplate(settings, CLAIMED);
  const labels = { ...metadata.labels, [LABEL.app]: WARM };
  // a node without a kubelet is soon tainted for it
  const tolerations = [{ operator: 'Exists' }];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels, annotations: metadata.annotations },
    spec: { ...spec, nodeName, tolerations },
  };
}

/** as a kubelet writes it: most of what a server has to read of a pod */
const BEGAN = new Date().toISOString();
const CONDITIONS = ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled'];
const STATUS = {
  phase: 'Running',
  podIP: HOST,
  podIPs: [{ ip: HOST }],
  hostIP: HOST,
  startTime: BEGAN,
  conditions: CONDITIONS.map((type) => ({ type, status: 'True', lastTransitionTime: BEGAN })),
  containerStatuses: [
    {
      name: 'sandbox',
      ready: true,
      started: true,
      restartCount: 0,
      image: 'recorded',
      imageID: 'recorded',
      state: { running: { startedAt: BEGAN } },
      lastState: {},
    },
  ],
};
const STATUS_PATCH = [{ op: 'replace', path: '/status', value: STATUS }];

/** Speaks for whichever sandbox the ticket is for. */
async function agentForAll(): Promise<AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), 'palestra-recorded-'));
  const { cert, key } = await certificateIn(folder, 'recorded');
  const tls = { cert: await readFile(cert), key: await readFile(key) };
  const server = createServer(tls, (request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(statusOf(sandboxIn(request))));
  });
  server.listen(AGENT_PORT, HOST);
  await once(server, 'listening');
  return {
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await rm(folder, { recursive: true });
    },
  };
}

function sandboxIn(request: IncomingMessage): string {
  const text = /^Palestra ([\w-]+)\./.exec(request.headers.authorization ?? '')?.[1] ?? '';
  return (JSON.parse(Buffer.from(text, 'base64url').toString()) as { sandbox: string }).sandbox;
}

function statusOf(sandbox: string): AgentStatus {
  const usage = { memory: 0, disk: 0, pids: 0 };
  const who = { sandbox, boot: 'recorded', version: '0', lab: null, user: null };
  return { ...who, now: Date.now(), startedAt: 0, terminals: [], usage };
}
