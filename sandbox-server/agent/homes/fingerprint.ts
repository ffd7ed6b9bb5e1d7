/** Whether a home changed since: a hash over what a walk saw, without opening a file (5,000 files: some 100 ms). */
import { createHash } from 'node:crypto';
import type { Found } from './walk.ts';

/** @returns 32 hex digits */
export function fingerprintOf(found: readonly Found[]): string {
  const hash = createHash('sha256');
  for (const { path, kind, version } of found) hash.update(`${path}\0${kind}\0${version}\0`);
  return hash.digest('hex').slice(0, 32);
}
