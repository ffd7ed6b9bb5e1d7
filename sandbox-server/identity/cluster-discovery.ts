/**
 * The discovery document of an IAM as an API server of Kubernetes needs it. INDIGO IAM says its issuer with a slash in
 * its own document and without in access tokens; structured authentication compares `iss` to the letter, and asks that
 * the document at `discoveryURL` names the very same. So one is served for the issuer that tokens bear (finding 12).
 */
import { z } from 'zod';
import type { ClusterDiscovery } from './face.ts';
import { withoutSlash } from './person-id.ts';

const Document = z.object({
  issuer: z.url(),
  jwks_uri: z.url(),
  id_token_signing_alg_values_supported: z.array(z.string()).default(['RS256']),
});

/**
 * Pure.
 * @param document the provider's own, parsed
 * @param issuer as it stands in its access tokens
 * @throws ZodError where it is no discovery document, TypeError where it is another provider's
 */
export function clusterDiscovery(document: unknown, issuer: string): ClusterDiscovery {
  const { issuer: said, ...rest } = Document.parse(document);
  if (withoutSlash(said) !== withoutSlash(issuer))
    throw new TypeError(`the document is of ${said}, and not of ${issuer}`);
  return { ...rest, issuer };
}
