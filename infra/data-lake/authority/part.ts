/** The authority as a part of the lake: files, no process. */
import { endOf, isFor, readCertificate } from '../../machine/certificate.ts';
import { ensureAuthority } from './authority.ts';
import type { Health, Part } from '../part.ts';
import type { LakePlace } from '../place.ts';

const DAY = 86_400_000;

export function authorityPart(place: LakePlace): Part {
  return {
    name: 'authority',
    stage: 'authority',
    packages: ['openssl', 'ca-certificates'],
    start: async () => void (await ensureAuthority(place)),
    health: () => healthOfAuthority(place),
    stop: () => Promise.resolve(),
    // names and trust outlive data: sandboxes that are open keep the authority they were given
    reset: () => Promise.resolve(),
  };
}

async function healthOfAuthority(place: LakePlace, now = Date.now()): Promise<Health> {
  const todo = 'node lake.ts up';
  const root = await readCertificate(place.authority.ca);
  if (root === null) return { ok: false, found: 'no authority yet', todo };
  let soonest = endOf(root);
  for (const { cert, host } of Object.values(place.authority.certificates)) {
    const found = await readCertificate(cert);
    if (found === null || !isFor(found, host, root))
      return { ok: false, found: `${host} has no certificate of this authority`, todo };
    soonest = Math.min(soonest, endOf(found));
  }
  const left = Math.floor((soonest - now) / DAY);
  if (left < 0) return { ok: false, found: 'a certificate has ended', todo };
  return { ok: true, found: `certificates good for ${left} days` };
}
