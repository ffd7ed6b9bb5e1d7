/** Does the cluster's DNS answer, asked as a pod asks it: through its service. */
import { Resolver } from 'node:dns/promises';
import type { Addresses } from '../place.ts';

/** From within the box or from the machine. */
export async function answersNames({ dns, api }: Addresses, ms = 500): Promise<boolean> {
  const resolver = new Resolver({ timeout: ms, tries: 1 });
  resolver.setServers([dns]);
  try {
    return (await resolver.resolve4('kubernetes.default.svc.cluster.local')).includes(api);
  } catch (error) {
    const codes = ['ETIMEOUT', 'ECONNREFUSED', 'ESERVFAIL', 'ENOTFOUND', 'ECANCELLED', 'EREFUSED', 'ENODATA'];
    if (codes.includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}
