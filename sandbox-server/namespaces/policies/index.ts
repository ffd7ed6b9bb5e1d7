/** Everything that an installation brings so that learners' namespaces can be made safely: the chart ships it. Pure. */
import type { KubernetesObject } from '../objects/kubernetes.ts';
import { learnerPolicies, type PodBounds } from './learner-policies.ts';
import { lessonRoles } from './lesson-roles.ts';
import { serverPolicies, type Where } from './server-policies.ts';
import { serverRights } from './server-role.ts';

export { NO_BOUNDS, type PodBounds } from './learner-policies.ts';

export function installed(where: Where, bounds: PodBounds): readonly KubernetesObject[] {
  return [...lessonRoles(), ...serverRights(where), ...serverPolicies(where), ...learnerPolicies(bounds)];
}
