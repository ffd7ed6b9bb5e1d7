/** What a learner gets for a lesson: its needs against what their groups grant. Pure; a no is a sentence for them. */
import { Problem } from '../contract/errors.ts';
import type { ClusterNeed, Destination, NamespaceSettings, Size } from '../contract/namespace.ts';
import type { Grants } from '../identity/face.ts';
import { sizeOf } from './sizes.ts';

export interface Access {
  /** names of lesson roles, e.g. `dask` */
  readonly roles: readonly string[];
  /** the whole namespace's bounds */
  readonly size: Size;
  /** what its pods may reach besides DNS and each other */
  readonly opens: readonly Destination[];
  readonly sites: readonly string[];
}

/** Of what groups grant, what a namespace depends on. */
export type Granted = Pick<Grants, 'sizes' | 'quota' | 'gpu' | 'sites'>;

/** Roles of lessons that the chart brings; `look` is everybody's. */
export const LESSON_ROLES = ['dask', 'jobs'] as const;

/** @throws Problem `forbidden` where their groups do not grant it, `unavailable` where the operator has not set it up */
export function accessFor(
  need: ClusterNeed,
  grants: Granted,
  settings: Pick<NamespaceSettings, 'sizes' | 'openings'>,
): Access {
  return {
    roles: need.roles.map(knownRole),
    size: sizeOf(need.size, grants, settings.sizes),
    opens: need.opens.flatMap((name) => opening(name, settings.openings)),
    sites: grants.sites,
  };
}

function knownRole(name: string): string {
  if (LESSON_ROLES.some((known) => known === name)) return name;
  throw new Problem(
    'unavailable',
    `This lesson needs the role ${name} on the cluster, which this installation does not have. Please tell the operator.`,
    { details: { role: name, known: [...LESSON_ROLES] } },
  );
}

function opening(name: string, openings: NamespaceSettings['openings']): readonly Destination[] {
  const found = openings[name];
  if (found !== undefined) return found;
  throw new Problem(
    'unavailable',
    `This lesson must reach ${name} from the cluster, which the operator has not opened (namespaces.openings.${name} in palestra.yaml).`,
    { details: { opening: name } },
  );
}
