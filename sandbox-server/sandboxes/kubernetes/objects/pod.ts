/** A pod as the API server tells it, parsed to what this driver needs to know. Pure. */
import { z } from 'zod';
import { sandboxIdOf } from '../../../contract/pod-id.ts';
import { AGENT_PORT, ANNOTATION, CLAIMED, GATE, LABEL, WARM } from './names.ts';
import type { Sandbox } from '../../driver.ts';

const Terminated = z.object({ reason: z.string().optional(), exitCode: z.number() });
const ContainerState = z.object({
  waiting: z.object({ reason: z.string().optional(), message: z.string().optional() }).optional(),
  terminated: Terminated.optional(),
});
const PodObject = z.object({
  metadata: z.object({
    name: z.string(),
    uid: z.string(),
    resourceVersion: z.string(),
    creationTimestamp: z.string(),
    deletionTimestamp: z.string().nullish(),
    labels: z.record(z.string(), z.string()).default({}),
    annotations: z.record(z.string(), z.string()).default({}),
    ownerReferences: z.array(z.object({ controller: z.boolean().optional() })).default([]),
  }),
  spec: z
    .object({ schedulingGates: z.array(z.object({ name: z.string() })).default([]) })
    .default({ schedulingGates: [] }),
  status: z
    .object({
      phase: z.string().optional(),
      reason: z.string().optional(),
      message: z.string().optional(),
      podIP: z.string().optional(),
      startTime: z.string().optional(),
      conditions: z
        .array(
          z.object({
            type: z.string(),
            status: z.string(),
            reason: z.string().optional(),
            message: z.string().optional(),
          }),
        )
        .default([]),
      containerStatuses: z
        .array(
          z.object({
            restartCount: z.number(),
            state: ContainerState.default({}),
            lastState: ContainerState.default({}),
          }),
        )
        .default([]),
    })
    .default({ conditions: [], containerStatuses: [] }),
});
type PodObject = z.infer<typeof PodObject>;

export interface PodView {
  readonly uid: string;
  /** the sandbox's */
  readonly id: string;
  readonly name: string;
  readonly kit: string;
  readonly version: string;
  readonly state: 'warm' | 'claimed' | 'other';
  readonly lab: string | null;
  readonly ip: string | null;
  readonly pin: string | null;
  readonly ready: boolean;
  /** where among its scheduling gates ours is; null: it has none of ours */
  readonly gate: number | null;
  /** a node was found for it */
  readonly scheduled: boolean;
  /** its end was asked for */
  readonly ending: boolean;
  /** by a server of ours */
  readonly released: boolean;
  /** when it was last asked to be left, because its node is to be emptied; null: never */
  readonly leaveAskedAt: string | null;
  /** a ReplicaSet may still end it */
  readonly controlled: boolean;
  readonly restarts: number;
  /** ms since the epoch */
  readonly createdAt: number;
  /** when its node took it, ms; its creation until then */
  readonly startedAt: number;
  /** of the whole cluster's history: orders what happened to different pods */
  readonly revision: bigint;
  /** why it is no sandbox any more; null: it is */
  readonly over: string | null;
  /** why it does not start; null: it does, or did */
  readonly stuck: Stuck | null;
}
export interface Stuck {
  readonly kind: 'room' | 'image' | 'settings';
  readonly text: string;
}

/** @throws ZodError where it is no pod */
export function readPod(object: unknown): PodView {
  const pod = PodObject.parse(object);
  const { metadata, spec, status } = pod;
  const gate = spec.schedulingGates.findIndex(({ name }) => name === GATE);
  const { labels, annotations } = metadata;
  const createdAt = Date.parse(metadata.creationTimestamp);
  const app = labels[LABEL.app];
  const lab = labels[LABEL.lab] ?? null;
  return {
    uid: metadata.uid,
    id: sandboxIdOf(metadata.uid),
    name: metadata.name,
    kit: labels[LABEL.kit] ?? '',
    version: labels[LABEL.version] ?? '',
    state: app === WARM ? 'warm' : app === CLAIMED && lab !== null ? 'claimed' : 'other',
    lab,
    ip: status.podIP ?? null,
    pin: annotations[ANNOTATION.pin] ?? null,
    ready: holds(pod, 'Ready'),
    gate: gate < 0 ? null : gate,
    scheduled: holds(pod, 'PodScheduled'),
    ending: metadata.deletionTimestamp != null,
    released: annotations[ANNOTATION.released] !== undefined,
    leaveAskedAt: annotations[ANNOTATION.leave] ?? null,
    controlled: metadata.ownerReferences.some(({ controller }) => controller === true),
    restarts: Math.max(0, ...status.containerStatuses.map((one) => one.restartCount)),
    createdAt,
    startedAt: status.startTime === undefined ? createdAt : Date.parse(status.startTime),
    revision: BigInt(metadata.resourceVersion),
    over: overBy(pod),
    stuck: stuckBy(pod),
  };
}

function holds({ status }: PodObject, condition: string): boolean {
  return status.conditions.some(({ type, status: is }) => type === condition && is === 'True');
}

/** Whether nothing says that it ends. */
export function isAlive(view: PodView): boolean {
  return view.over === null && !view.ending && !view.released;
}

/** As a sandbox; only for one that runs. `pin`: where the pod itself does not name it yet. */
export function sandboxOf(view: PodView, pin: string = view.pin ?? ''): Sandbox {
  return {
    id: view.id,
    kit: view.kit,
    lab: view.state === 'claimed' ? view.lab : null,
    agent: { kind: 'tls', host: view.ip ?? '', port: AGENT_PORT, pin },
    isolation: 'enforced',
    startedAt: view.createdAt,
  };
}

const OUT_OF_MEMORY = 'its programs used more memory than the sandbox has';

/** What ended it, for a learner: in the words of "Your sandbox ended (…)". */
function overBy({ status }: PodObject): string | null {
  if (status.phase === 'Failed' || status.phase === 'Succeeded') return failure(status);
  const restarted = status.containerStatuses.find(({ restartCount }) => restartCount > 0);
  const ended = status.containerStatuses.find(({ state }) => state.terminated !== undefined);
  const last = ended?.state.terminated ?? restarted?.lastState.terminated;
  if (restarted === undefined && ended === undefined) return null;
  if (last?.reason === 'OOMKilled') return OUT_OF_MEMORY;
  return `its agent ended by itself${last === undefined ? '' : ` with status ${last.exitCode}`}`;
}

function failure({ reason = '', message = '', containerStatuses }: PodObject['status']): string {
  if (reason === 'DeadlineExceeded') return 'it ran for as long as a sandbox may';
  if (reason === 'Evicted' && /emptydir|ephemeral/i.test(message))
    return 'its files took more space than the sandbox has';
  if (reason === 'Evicted') return 'its node ran short of memory or disk';
  if (reason === 'Preempting' || reason === 'Preempted') return 'its node was needed for something else';
  if (/Shutdown|Terminated/.test(reason)) return 'its node was shut down';
  if (containerStatuses.some(({ state }) => state.terminated?.reason === 'OOMKilled')) return OUT_OF_MEMORY;
  return reason === '' ? 'its pod ended' : `its pod ended: ${reason}`;
}

const IMAGE = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'ErrImageNeverPull',
  'InvalidImageName',
  'ImageInspectError',
]);
const SETTINGS = new Set(['CreateContainerConfigError', 'CreateContainerError', 'RunContainerError']);

function stuckBy({ status }: PodObject): Stuck | null {
  const room = status.conditions.find(
    ({ type, reason }) => type === 'PodScheduled' && reason === 'Unschedulable',
  );
  if (room !== undefined && room.status === 'False')
    return { kind: 'room', text: room.message ?? 'no node has room' };
  for (const { state } of status.containerStatuses) {
    const { reason = '', message = '' } = state.waiting ?? {};
    if (IMAGE.has(reason)) return { kind: 'image', text: `${reason}: ${message}` };
    if (SETTINGS.has(reason)) return { kind: 'settings', text: `${reason}: ${message}` };
  }
  return null;
}
