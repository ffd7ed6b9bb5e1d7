/** Who may what, and why: groups → grants → courses and the cluster's objects. Pure; `palestra access explain` prints it. */
import type { Config } from '../contract/config.ts';
import { Problem } from '../contract/errors.ts';
import type { ClusterNeed } from '../contract/namespace.ts';
import type { Course, Lesson } from '../contract/lesson.ts';
import { refusalOf } from '../identity/entitled.ts';
import { entitlementsOf, grantedBy, groupPath } from '../identity/groups.ts';
import type { Entitlements } from '../identity/face.ts';
import { accessFor, accessTogether } from './access.ts';
import type { KubernetesObject } from './objects/kubernetes.ts';
import { namespaceName } from './objects/names.ts';
import { wholePlan } from './objects/plan.ts';
import { sizesFor } from './sizes.ts';

export interface Asked {
  readonly id: string;
  readonly login: string;
  readonly groups: readonly string[];
}
type GroupGrant = Config['groups'][string];

export interface Explanation {
  readonly user: string;
  readonly groups: readonly {
    readonly group: string;
    /** null: palestra.yaml says nothing of it */
    readonly grants: GroupGrant | null;
    /** a row of palestra.yaml that differs by case, slashes or blanks alone */
    readonly almost?: string;
  }[];
  readonly roles: readonly string[];
  readonly labs: number;
  readonly grants: Entitlements['grants'];
  /** names of sizes that they may have */
  readonly sizes: readonly string[];
  readonly lessons: readonly LessonAnswer[];
  readonly namespace: string;
  /** what would be made for them on the cluster for all lessons that they may take and that use it */
  readonly objects: readonly KubernetesObject[];
}
export interface LessonAnswer {
  readonly lesson: string;
  readonly kit: string;
  /** groups that may take its course; empty: everybody */
  readonly groups: readonly string[];
  readonly may: boolean;
  /** why not */
  readonly why: string | null;
  readonly cluster: ClusterNeed | null;
}

/** @param now ms since the epoch, as it would stand on the namespace */
export function explain(
  asked: Asked,
  config: Pick<Config, 'groups' | 'namespaces'>,
  courses: readonly Course[],
  now: number,
): Explanation {
  const entitlements = entitlementsOf(asked.groups, config.groups);
  const lessons = courses.flatMap((course) =>
    course.lessons.map((lesson) => answerFor(course, lesson, entitlements, config.namespaces)),
  );
  const granted = lessons.flatMap(({ may, cluster }) => (may && cluster !== null ? [cluster] : []));
  const namespace = namespaceName(asked, config.namespaces.prefix);
  const access =
    granted.length === 0 ? null : accessTogether(granted, entitlements.grants, config.namespaces);
  return {
    user: asked.login,
    groups: groupRows(asked.groups, config.groups),
    roles: entitlements.roles,
    labs: entitlements.labs,
    grants: entitlements.grants,
    sizes: sizesFor(entitlements.grants.sizes, config.namespaces.sizes),
    lessons,
    namespace,
    objects:
      access === null
        ? []
        : wholePlan(namespace, asked, EXAMPLE_LAB, access, { preparedAt: now }, [], config.namespaces),
  };
}
/** in the place of a lab's id, which is made at its start */
const EXAMPLE_LAB = 'lab-of-the-learner';

function answerFor(
  course: Course,
  lesson: Lesson,
  entitlements: Entitlements,
  settings: Config['namespaces'],
): LessonAnswer {
  const why = refusalOf(course, lesson, entitlements) ?? refusalOfCluster(lesson, entitlements, settings);
  return {
    lesson: `${course.id}/${lesson.id}`,
    kit: lesson.needs.kit,
    groups: course.groups,
    may: why === null,
    why,
    cluster: lesson.needs.cluster ?? null,
  };
}

function refusalOfCluster(
  { needs }: Lesson,
  { grants }: Entitlements,
  settings: Config['namespaces'],
): string | null {
  if (needs.cluster === undefined) return null;
  if (!settings.enabled)
    return 'This installation gives learners no namespaces (namespaces.enabled in palestra.yaml).';
  try {
    accessFor(needs.cluster, grants, settings);
    return null;
  } catch (error) {
    if (error instanceof Problem) return error.message;
    throw error;
  }
}

function groupRows(held: readonly string[], rows: Config['groups']): Explanation['groups'] {
  const counted = new Map(grantedBy(held, rows).map(([group, grant]) => [groupPath(group), grant]));
  const all = [...(counted.has('*') ? ['*'] : []), ...held.map(groupPath)];
  return all.map((group) => {
    const grants = counted.get(group) ?? null;
    const almost =
      grants === null ? Object.keys(rows).find((row) => loosely(row) === loosely(group)) : undefined;
    return { group, grants, ...(almost === undefined ? {} : { almost }) };
  });
}
/** As a hurried eye reads a group: never used to decide, only to say what differs. */
function loosely(group: string): string {
  return group.toLowerCase().replace(/[\s/_-]+/g, '');
}
