/** What a learner gets for a lesson: its needs against what their groups grant. Pure; a no is a sentence for them. */
import { Problem } from '../contract/errors.ts';
import type { ClusterNeed, Destination, NamespaceSettings, Size } from '../contract/namespace.ts';
import type { Grants } from '../identity/face.ts';
import { sizeOf, sizesFor } from './sizes.ts';

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

/** @throws Problem `forbidden` where their groups do not grant it, `unavailable` where the operator has not set it up */
export function accessFor(
  need: ClusterNeed,
  grants: Granted,
  settings: Pick<NamespaceSettings, 'sizes' | 'openings'>,
): Access {
  return {
    roles: need.roles,
    size: sizeOf(need.size, grants, settings.sizes),
    opens: need.opens.flatMap((name) => opening(name, settings.openings)),
    sites: grants.sites,
  };
}

/** One access for several lessons, as if they were open at once. Throws as `accessFor` does */
export function accessTogether(
  needs: readonly ClusterNeed[],
  grants: Granted,
  settings: Pick<NamespaceSettings, 'sizes' | 'openings'>,
): Access {
  const each = needs.map((need) => accessFor(need, grants, settings));
  const order = sizesFor(grants.sizes, settings.sizes);
  const size = order.findLast((name) => needs.some((need) => (need.size ?? order[0]) === name));
  const largest = accessFor(
    { roles: [], opens: [], ...(size === undefined ? {} : { size }) },
    grants,
    settings,
  );
  return {
    ...largest,
    roles: [...new Set(each.flatMap(({ roles }) => roles))],
    opens: [...new Set(each.flatMap(({ opens }) => opens))],
  };
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
