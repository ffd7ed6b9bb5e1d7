/** What a pod's parts find when they start: folders, certificates and secrets, each made once. Nothing is started. */
import { mkdir, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { prepareProvider } from '../../../sandbox-server/identity/index.ts';
import { ensureAuthority, ensureCertificate } from '../authority/authority.ts';
import { homeOf } from '../elements/folders.ts';
import { layOut } from '../find-place.ts';
import { ownFile } from '../part.ts';
import type { LakePlace } from '../place.ts';
import { databasePassword } from '../postgres/password.ts';
import { rootPassword } from '../rucio/secrets.ts';
import { PARTS } from './parts.ts';

/**
 * Safe to run again; certificates that end soon are renewed. The authority's key stays with whoever runs this: parts
 * are shown their own certificates and no more.
 * @param given folder of the chart's Secret: the authority, the issuer's key, its clients' secrets
 * @param scratch folder for what each container has alone: a folder for its programs' records, and its /tmp
 */
export async function preparePod(place: LakePlace, given: string, scratch: string): Promise<void> {
  await layOut(place);
  await mkdir(place.idp, { recursive: true, mode: 0o700 });
  await layGiven(place, given);
  await ensureAuthority(place);
  for (const element of place.elements) {
    const { cert, key } = homeOf(place, element);
    await ensureCertificate(place, { cert, key, host: element.host, user: place.users.xrootd });
  }
  await prepareProvider(place.idp);
  await Promise.all([databasePassword(place), rootPassword(place)]);
  for (const name of PARTS)
    for (const folder of ['run', 'tmp']) await mkdir(join(scratch, name, folder), { recursive: true });
}

/** What the portal knows, too, and so is the chart's to make. */
async function layGiven(place: LakePlace, given: string): Promise<void> {
  const places: Readonly<Record<string, string>> = {
    'ca.pem': place.authority.ca,
    'ca.key': place.authority.caKey,
    'signing.pem': join(place.idp, 'keys.json'),
    'clients.json': join(place.idp, 'clients.json'),
  };
  const there = await readdir(given);
  for (const [name, path] of Object.entries(places))
    if (there.includes(name)) await ownFile(path, await readFile(join(given, name)), null);
}
