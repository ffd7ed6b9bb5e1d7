import { withLock } from '../data-lake/lock.ts';
import type { ClusterPlace } from './place.ts';

/** One command at a time changes a cluster. */
export function withClusterLock<T>(place: ClusterPlace, work: () => Promise<T>): Promise<T> {
  return withLock({ folders: { run: place.folders.run } } as never, work);
}
