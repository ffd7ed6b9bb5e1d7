/**
 * A node is emptied of sandboxes: closed to new ones, warm ones evicted (their pool makes others elsewhere), and for those
 * with a lab the servers are asked, who save the home, tell the learner and end the pod. It acts with the operator's own
 * rights; the servers hear of it in the pods they watch.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { Problem } from '../../contract/errors.ts';
import { openAccess, type AccessOptions } from './api/access.ts';
import { createApi, type Api } from './api/api.ts';
import { hasStatus } from './api/api-error.ts';
import { createClusterPods, podsPath, type ClusterPods } from './cluster-pods.ts';
import { leavePatch } from './objects/claim-patch.ts';
import { LABEL, NAME } from './objects/names.ts';
import { readPod, type PodView } from './objects/pod.ts';

/** a server that began to lead meanwhile, or whose store of homes was away, hears it again */
const AGAIN_MS = 20_000;
const PAUSE_MS = 1_000;

export interface DrainAsk {
  readonly node: string;
  /** where sandboxes are pods */
  readonly namespace: string;
  /** gives up waiting after so long, ms */
  readonly patience: number;
  /** told at each look how many sandboxes are still there */
  readonly onLeft?: (left: number) => void;
}
export interface Drained {
  readonly node: string;
  readonly namespace: string;
  /** sandboxes of labs that were saved and ended */
  readonly ended: readonly Left[];
  /** warm ones that were evicted */
  readonly moved: number;
  /** what is still there */
  readonly left: readonly Left[];
}
export interface Left {
  readonly pod: string;
  /** null: a warm one */
  readonly lab: string | null;
}

/** With the operator's kubeconfig. @throws Problem `not-found`, `forbidden`, `unavailable` */
export async function drainNode(ask: DrainAsk, where: AccessOptions = {}): Promise<Drained> {
  const api = createApi(await openAccess(where));
  using _ = { [Symbol.dispose]: () => api.close() };
  return drain(api, ask);
}

export async function drain(api: Api, ask: DrainAsk): Promise<Drained> {
  await close(api, ask.node);
  const over = Date.now() + ask.patience;
  const round = createRound(api, ask);
  let there = await podsOn(api, ask);
  while (there.length > 0) {
    ask.onLeft?.(there.length);
    for (const view of there) await round.move(view);
    await delay(PAUSE_MS);
    there = await podsOn(api, ask);
    if (Date.now() > over) break;
  }
  return { node: ask.node, namespace: ask.namespace, ...round.done(there) };
}

/** What was begun with each pod, and what came of it. */
function createRound(api: Api, { namespace }: DrainAsk) {
  const cluster = createClusterPods(api, namespace);
  const asked = new Map<string, { view: PodView; at: number }>();
  const move = (view: PodView): Promise<void> | undefined => {
    const before = asked.get(view.uid);
    if (view.ending || (before !== undefined && Date.now() - before.at < againAfter(before.view, view)))
      return;
    asked.set(view.uid, { view, at: Date.now() });
    return view.state === 'claimed' ? askToLeave(cluster, view) : evict(api, namespace, view);
  };
  return {
    move,
    done(there: readonly PodView[]): Pick<Drained, 'ended' | 'moved' | 'left'> {
      const gone = [...asked.values()]
        .map(({ view }) => view)
        .filter(({ uid }) => !there.some((one) => one.uid === uid));
      const ended = gone.filter(({ state }) => state === 'claimed').map(leftOf);
      return { ended, moved: gone.length - ended.length, left: there.map(leftOf) };
    },
  };
}

/** A warm one that was claimed meanwhile is another matter; a budget that said no is asked at the next look. */
function againAfter(before: PodView, now: PodView): number {
  return before.state === now.state && now.state === 'claimed' ? AGAIN_MS : 0;
}
const leftOf = ({ name, lab }: PodView): Left => ({ pod: name, lab });

async function askToLeave(cluster: ClusterPods, { name, uid }: PodView): Promise<void> {
  await cluster.patch(name, leavePatch(uid, Date.now()));
}

/** Not a deletion: one that is claimed at this moment is under a budget that says no. */
async function evict(api: Api, namespace: string, { name, uid }: PodView): Promise<void> {
  const body = {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name, namespace },
    deleteOptions: { preconditions: { uid } },
  };
  try {
    await api.call({ method: 'POST', path: `${podsPath(namespace)}/${name}/eviction`, body });
  } catch (error) {
    if (hasStatus(error, 403)) throw mayNot(`evict pods in ${namespace}`, error);
    if (!hasStatus(error, 404, 409, 429)) throw error;
  }
}

const Node = z.object({ spec: z.object({ unschedulable: z.boolean().default(false) }).prefault({}) });

/** As `kubectl cordon`. */
async function close(api: Api, node: string): Promise<void> {
  const path = `/api/v1/nodes/${encodeURIComponent(node)}`;
  try {
    const { spec } = Node.parse(await api.call({ method: 'GET', path }));
    if (spec.unschedulable) return;
    const body = [{ op: 'add', path: '/spec/unschedulable', value: true }];
    await api.call({ method: 'PATCH', path, type: 'application/json-patch+json', body, again: 'passing' });
  } catch (error) {
    if (hasStatus(error, 404))
      throw new Problem('not-found', `There is no node ${node}. Their names: kubectl get nodes`);
    if (hasStatus(error, 403)) throw mayNot(`close the node ${node} to new pods`, error);
    throw error;
  }
}

const Pods = z.object({ items: z.array(z.unknown()) });
async function podsOn(api: Api, { node, namespace }: DrainAsk): Promise<readonly PodView[]> {
  const query = { labelSelector: `${LABEL.name}=${NAME}`, fieldSelector: `spec.nodeName=${node}` };
  try {
    const { items } = Pods.parse(await api.call({ method: 'GET', path: podsPath(namespace), query }));
    return items.map(readPod);
  } catch (error) {
    if (hasStatus(error, 403)) throw mayNot(`list pods in ${namespace}`, error);
    throw error;
  }
}

function mayNot(what: string, cause: unknown): Problem {
  const text = `This account may not ${what}. Use an administrator's kubeconfig: --kubeconfig FILE, --context NAME.`;
  return new Problem('forbidden', text, { cause });
}
