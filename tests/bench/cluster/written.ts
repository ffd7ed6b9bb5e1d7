/** Who wrote what to a namespace of the cluster, by the audit log of its API server. */
import { join } from 'node:path';
import type { ClusterWorld } from '../../stack/cluster/world.ts';
import { writesIn, type Call } from '../audit.ts';

/** @returns calls since then, oldest first; null: a person's own cluster, which tells nobody */
export async function callsSince(
  on: ClusterWorld,
  from: number,
  namespace = on.namespace,
): Promise<readonly Call[] | null> {
  if (on.folder === null) return null;
  const calls = await writesIn(join(on.folder, 'log/audit.jsonl'), namespace);
  return calls.filter(({ at }) => at >= from);
}
