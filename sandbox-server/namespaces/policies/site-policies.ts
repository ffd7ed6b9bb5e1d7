/**
 * A pod at an offload site ends when the site says so (T76). Kubernetes forgets a pod that is given no time to end
 * without asking its node: the job would run on where nobody sees it, on somebody's account. Pure.
 */
import { LEARNER, SITE } from '../objects/names.ts';
import { text, type PolicyText, type Validation } from './policy.ts';

/** A site's node is tainted: who tolerates that may be sent there, whether or not it selects the site. */
const atSite = (pod: string): string =>
  `(has(${pod}.spec.tolerations) && ${pod}.spec.tolerations.exists(t, t.?key.orValue('') == ${text(SITE)}))`;

/** of a pod that is made: namespaces that end, too, give a pod the time that it asks for */
export function isHeard(): Validation {
  return {
    must: `!${atSite('object')} || object.spec.?terminationGracePeriodSeconds.orValue(30) > 0`,
    else: 'spec.terminationGracePeriodSeconds: at least 1, or the site is never asked to end the job',
  };
}

/** Kubernetes itself gives no time where no site has the pod yet, or not any more. */
const NOBODY_RUNS =
  "oldObject.spec.?nodeName.orValue('') == '' || oldObject.?status.?phase.orValue('') in ['Succeeded', 'Failed']";

/** of a learner who would not wait; the site's own node confirms an end in just this way */
export function siteEnds(inNamespaces: PolicyText['inNamespaces']): PolicyText {
  return {
    name: 'palestra-learner-site-ends',
    on: [{ groups: [''], resources: ['pods'], operations: ['DELETE'] }],
    inNamespaces,
    when: [
      {
        name: 'a-learner',
        expression: `request.userInfo.username == 'system:serviceaccount:' + request.namespace + ${text(`:${LEARNER}`)}`,
      },
    ],
    validations: [
      {
        must: `!${atSite('oldObject')} || ${NOBODY_RUNS} || request.options.?gracePeriodSeconds.orValue(30) > 0`,
        else: 'gracePeriodSeconds: the site has to confirm that the job ended; delete it without --force and --grace-period=0',
      },
    ],
  };
}
