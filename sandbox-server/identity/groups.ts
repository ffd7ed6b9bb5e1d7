/**
 * Group paths and what they grant. IAM writes `icsc/users` in its iam profile and `/icsc/users` in its wlcg
 * profile, Keycloak writes the second: one leading slash is taken away, once, and everything after it is compared exactly.
 */
import type { Config } from '../contract/config.ts';
import type { Role } from '../contract/api.ts';
import type { Entitlements } from './face.ts';

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

/** @param grants `palestra.yaml`'s `groups`; its `*` is whoever signed in. Roles add up, the largest number of labs counts. */
export function entitlementsOf(groups: readonly string[], grants: GroupGrants): Entitlements {
  const held = new Set(groups);
  const granted = Object.entries(grants).filter(([group]) => group === '*' || held.has(groupPath(group)));
  return {
    roles: [...new Set(granted.flatMap(([, grant]): Role[] => grant.roles))],
    labs: Math.max(0, ...granted.map(([, grant]) => grant.labs)),
    // a course that names no group is for whoever can sign in
    mayTake: (courseGroups) =>
      courseGroups.length === 0 || courseGroups.some((g) => g === '*' || held.has(groupPath(g))),
  };
}
