/** The API server's own files: who is let in, what pods may ask for, what is written down. Pure. */
import type { Settings } from './settings.ts';

/** A namespace without a label is held to `baseline`; those of sandboxes and learners say `restricted`. */
export function admissionConfiguration(): object {
  const defaults = {
    enforce: 'baseline',
    'enforce-version': 'latest',
    warn: 'restricted',
    'warn-version': 'latest',
  };
  return {
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'AdmissionConfiguration',
    plugins: [
      {
        name: 'PodSecurity',
        configuration: {
          apiVersion: 'pod-security.admission.config.k8s.io/v1',
          kind: 'PodSecurityConfiguration',
          defaults,
          exemptions: { namespaces: ['kube-system'] },
        },
      },
    ],
  };
}

/**
 * INDIGO IAM calls groups `groups` or `wlcg.groups`, by the profile of the token, or leaves them out; the second are
 * written with a slash before them. One is taken away, so that a group is the same in both (finding 12). A claim is of
 * the type `any`, which CEL walks through once it is `dyn`; `in` is no operator of this map.
 */
const GROUPS =
  "dyn(claims.?groups.or(claims[?'wlcg.groups']).orValue([]))" +
  ".map(g, 'iam:' + (g.startsWith('/') ? g.substring(1) : g))";

/** Structured authentication. Nobody is anonymous but for questions about health. */
export function authenticationConfiguration(oidc: Settings['oidc']): object {
  return {
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'AuthenticationConfiguration',
    jwt: oidc === null ? [] : [tokensOf(oidc)],
    anonymous: {
      enabled: true,
      conditions: [{ path: '/livez' }, { path: '/readyz' }, { path: '/healthz' }],
    },
  };
}

function tokensOf({ issuer, audience, ca, discoveryUrl }: NonNullable<Settings['oidc']>): object {
  return {
    issuer: {
      url: issuer,
      audiences: [audience],
      audienceMatchPolicy: 'MatchAny',
      ...(ca === undefined ? {} : { certificateAuthority: ca }),
      ...(discoveryUrl === undefined ? {} : { discoveryURL: discoveryUrl }),
    },
    claimMappings: {
      username: { expression: "'iam:' + claims.sub" },
      groups: { expression: GROUPS },
    },
  };
}

/** Who did what to which object, without bodies: what benches count and operators look up. */
export function auditPolicy(): object {
  return {
    apiVersion: 'audit.k8s.io/v1',
    kind: 'Policy',
    omitStages: ['RequestReceived'],
    rules: [{ level: 'Metadata' }],
  };
}
