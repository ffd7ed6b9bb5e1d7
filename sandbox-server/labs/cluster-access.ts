/** A lesson's own namespace on the cluster, where sandboxes are pods of one: asked for, opened, found again, ended. */
import type { Lesson } from '../contract/lesson.ts';
import type { ClusterNeed } from '../contract/namespace.ts';
import { Problem } from '../contract/errors.ts';
import type { Person } from '../identity/face.ts';
import type { LabAccess } from '../namespaces/face.ts';
import type { Context } from './context.ts';
import type { LabRecord } from './records.ts';

type WithCluster = Pick<Context, 'cluster'>;

function clusterNeeds(lessons: readonly Pick<Lesson, 'needs'>[]): readonly ClusterNeed[] {
  return lessons.flatMap(({ needs }) => needs.cluster ?? []);
}

/** Before anything is taken. Throws Problem `unavailable` where there is no cluster, `forbidden` where groups do not grant it */
export function vetCluster(context: WithCluster, lesson: Lesson, person: Pick<Person, 'groups'>): void {
  const needs = clusterNeeds([lesson]);
  if (needs.length > 0) clusterOf(context).vet(person, needs);
}

/**
 * Exactly what these lessons name, from now on. Where none names anything the token in the sandbox is renewed no more;
 * what runs in the namespace goes on until the lab ends.
 */
export async function openCluster(
  context: Pick<Context, 'cluster' | 'identity' | 'live'>,
  record: LabRecord,
  lessons: readonly Lesson[],
  onStage: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const needs = clusterNeeds(lessons);
  if (needs.length === 0) return context.cluster?.stop(record.id);
  const cluster = clusterOf(context);
  const person = await context.identity.person(record.person);
  const live = context.live.get(record.id);
  if (person === null || live === undefined)
    throw new Problem(
      'sandbox-gone',
      'The sandbox ended before its way to the cluster was open. Start again.',
    );
  await cluster.open({ lab: record.id, person, needs, link: live.shared.agent, signal }, onStage);
}

/** After a restart of the server: the token in the sandbox goes on being renewed. */
export function resumeCluster(
  context: Pick<Context, 'cluster' | 'live'>,
  record: LabRecord,
  lesson: Lesson,
): void {
  const live = context.live.get(record.id);
  if (live === undefined || clusterNeeds([lesson]).length === 0) return;
  context.cluster?.resume({ lab: record.id, person: personOf(record), link: live.shared.agent });
}

/** A cluster that is away keeps no lab from its end: what is left there is swept later. */
export async function endCluster(
  context: Pick<Context, 'cluster' | 'catalogue' | 'log'>,
  record: LabRecord,
): Promise<void> {
  const course = context.catalogue.course(record.course);
  if (course !== undefined && clusterNeeds(course.lessons).length === 0) return;
  try {
    await context.cluster?.end(personOf(record), record.id);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    context.log.warn({ lab: record.id, err: error }, 'what the lab had on the cluster is ended later');
  }
}

function personOf({ person, login }: LabRecord): Pick<Person, 'id' | 'login'> {
  return { id: person, login };
}

function clusterOf({ cluster }: WithCluster): LabAccess {
  if (cluster !== undefined) return cluster;
  throw new Problem(
    'unavailable',
    'This lesson works on a Kubernetes cluster, and this installation has none for learners: take it where Palestra runs on one, or ask whoever runs it here.',
  );
}
