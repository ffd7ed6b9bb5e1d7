import { join } from 'node:path';
import type { LakePlace } from '../place.ts';
import { secret } from '../secret.ts';

/** Of the role `rucio`, in Rucio's configuration. */
export function databasePassword(place: LakePlace): Promise<string> {
  return secret(join(place.folders.postgres, 'rucio.password'));
}
