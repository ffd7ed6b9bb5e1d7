/** From an ID token's claims (already verified) to the person they speak of. */
import { z } from 'zod';
import { groupsOf } from './groups.ts';

/** What we read; everything else a provider adds is left alone. */
const IdClaims = z.looseObject({
  iss: z.string().min(1).max(2048),
  sub: z.string().min(1).max(512),
  preferred_username: z.string().optional().catch(undefined),
  name: z.string().optional().catch(undefined),
  given_name: z.string().optional().catch(undefined),
  family_name: z.string().optional().catch(undefined),
  email: z.string().optional().catch(undefined),
});

export interface Claimed {
  readonly issuer: string;
  readonly subject: string;
  readonly username: string | undefined;
  readonly name: string;
  readonly email: string | null;
  readonly groups: readonly string[];
}

/** @param groupsClaim the claim's whole name, `groups` or `wlcg.groups`; its dot is part of the name */
export function claimedPerson(claims: unknown, groupsClaim: string): Claimed {
  const read = IdClaims.parse(claims);
  return {
    issuer: read.iss,
    subject: read.sub,
    username: read.preferred_username,
    name: fullName(read),
    email: emailOf(read.email),
    groups: groupsOf(Object.hasOwn(read, groupsClaim) ? read[groupsClaim] : undefined),
  };
}

function fullName(read: z.infer<typeof IdClaims>): string {
  const parts = [read.given_name, read.family_name].filter((part) => part !== undefined).join(' ');
  const candidates = [read.name, parts, read.preferred_username].map((name) => shown(name ?? '', 100));
  return candidates.find((name) => name !== '') ?? 'Unnamed';
}

function emailOf(email: string | undefined): string | null {
  const address = shown(email ?? '', 200);
  return address.includes('@') ? address : null;
}

/** Without control characters, bidirectional overrides or lone halves of a pair, and never longer than `longest` (T66). */
function shown(text: string, longest: number): string {
  const bounded = text.slice(0, 10 * longest).toWellFormed();
  const plain = bounded
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029\ufffd]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return plain
    .slice(0, longest)
    .toWellFormed()
    .replace(/\ufffd$/u, '')
    .trim();
}
