/** Rucio's three secrets, made once. */
import { join } from 'node:path';
import type { LakePlace } from '../place.ts';
import { databasePassword } from '../postgres/password.ts';
import { secret } from '../secret.ts';
import type { Secrets } from './configuration.ts';

/** Of the OAuth client `rucio`, which asks the issuer for tokens of its own; the issuer's part reads it here. */
export function clientSecret(place: LakePlace): Promise<string> {
  return secret(join(place.folders.rucio, 'client.secret'));
}

export function rootPassword(place: LakePlace): Promise<string> {
  return secret(join(place.folders.rucio, 'root.secret'));
}

export async function rucioSecrets(place: LakePlace): Promise<Secrets> {
  return {
    database: await databasePassword(place),
    root: await rootPassword(place),
    client: await clientSecret(place),
  };
}
