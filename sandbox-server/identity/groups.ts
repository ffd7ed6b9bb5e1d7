/**
 * Group paths and what they grant. IAM writes `icsc/users` in its iam profile and `/icsc/users` in its wlcg
 * profile, Keycloak writes the second: one leading slash is taken away, once, and everything after it is compared exactly.
 */
import type { Config } from '../contract/config.ts';
import type { Role } from '../contract/api.ts';
import { larger, type Raised } from '../contract/namespace.ts';
import type { Entitlements, Grants } from './face.ts';

export type GroupGrants = Config['groups'];
/** More groups than this in one token are a mistake of the provider's; the rest is not looked at. */
export const MOST_GROUPS = 20_000;
const LONGEST_GROUP = 512;

/** `/icsc/users` → `icsc/users`; one slash only, so that `//icsc` stays something else. */
export function groupPath(group: string): string {
  return group.startsWith('/') ? group.slice(1) : group;
}

/** The groups a claim holds: an absent or malformed claim is nobody's group, a string is never split. */
export function groupsOf(claim: unknown): readonly string[] {
  if (!Array.isArray(claim)) return [];
  const named = claim.slice(0, MOST_GROUPS).filter((g): g is string => typeof g === 'string' && g !== '');
  return [...new Set(named.filter((g) => g.length <= LONGEST_GROUP).map(groupPath))].sort();
}

/** The rows of `palestra.yaml`'s `groups` that count for a member of these; its `*` is whoever signed in. */
export function grantedBy(
  groups: readonly string[],
  grants: GroupGrants,
): readonly (readonly [group: string, grant: GroupGrants[string]])[] {
  const held = new Set(groups);
  return Object.entries(grants).filter(([group]) => group === '*' || held.has(groupPath(group)));
}

/** Roles add up, the largest number of labs counts. */
export function entitlementsOf(groups: readonly string[], grants: GroupGrants): Entitlements {
  const held = new Set(groups);
  const granted = grantedBy(groups, grants).map(([, grant]) => grant);
  return {
    roles: [...new Set(granted.flatMap((grant): Role[] => grant.roles))],
    labs: Math.max(0, ...granted.map((grant) => grant.labs)),
    grants: grantsOf(granted),
    // a course that names no group is for whoever can sign in
    mayTake: (courseGroups) =>
      courseGroups.length === 0 || courseGroups.some((g) => g === '*' || held.has(groupPath(g))),
  };
}

/** A group that names no kits grants every kit, and so with tokens: to bound them, say so at `*` as well. */
export function grantsOf(granted: readonly GroupGrants[string][]): Grants {
  return {
    kits: allOrNamed(granted.map((grant) => grant.kits)),
    tokens: allOrNamed(granted.map((grant) => grant.tokens)),
    sizes: [...new Set(granted.flatMap((grant) => grant.sizes ?? []))],
    quota: granted.reduce((all, grant) => raised(all, grant.quota ?? {}), {}),
    gpu: Math.max(0, ...granted.map((grant) => grant.gpu ?? 0)),
    sites: [...new Set(granted.flatMap((grant) => grant.sites ?? []))],
  };
}

function allOrNamed(lists: readonly (readonly string[] | undefined)[]): readonly string[] | null {
  if (lists.some((list) => list === undefined)) return null;
  return [...new Set(lists.flatMap((list) => list ?? []))];
}

function raised(a: Raised, b: Raised): Raised {
  const more = { ...a, ...b };
  for (const figure of ['cpu', 'memory', 'ephemeral', 'storage'] as const) {
    const [x, y] = [a[figure], b[figure]];
    if (x !== undefined && y !== undefined) more[figure] = larger(x, y);
  }
  if (a.pods !== undefined && b.pods !== undefined) more.pods = Math.max(a.pods, b.pods);
  return more;
}
