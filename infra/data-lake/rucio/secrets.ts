/** Rucio's three secrets, each made once. */
import { join } from 'node:path';
import { prepareSecrets } from '../../../sandbox-server/identity/index.ts';
import type { LakePlace } from '../place.ts';
import { databasePassword } from '../postgres/password.ts';
import { secret } from '../secret.ts';
import type { Secrets } from './configuration.ts';

/** Of the account `root`, by which elements are set up and learners admitted. */
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

/** Of the OAuth client `rucio`: the issuer's folder has it. */
async function clientSecret(place: LakePlace): Promise<string> {
  const found = (await prepareSecrets(place.idp))['rucio'];
  if (found === undefined) throw new Error(`${place.idp} has no secret for the client rucio`);
  return found;
}
