/**
 * Who may ask the agent: the holder of a ticket the server signed for this sandbox, this start of the agent and
 * this operation, good once and for seconds. The agent knows public keys only (design decision 5).
 */
import { createPublicKey, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { TicketClaims, TicketOp } from '../contract/agent.ts';
import { Refusal } from './refusal.ts';

/** seconds a ticket may be ahead, and how far the two clocks may differ */
const LIFE = 30;
const SKEW = 10;
const LONGEST = 2048;
/** remembered at once; 20,000 in 50 s is a server gone wild, not a class */
const MOST_REMEMBERED = 20_000;
/** a forger must not make us read files at will: the folder is looked at so often at most, ms */
const KEYS_REST = 1000;

/** What an operation asks of its ticket. `subject` is compared where it is given. */
export interface Need {
  readonly op: TicketOp;
  readonly mode: 'read' | 'write';
  readonly subject?: string;
}
export interface Tickets {
  /** @throws Refusal `not-signed-in`, always with the same sentence: a forger learns nothing */
  take(header: string | undefined, need: Need): TicketClaims;
}
export interface TicketTrust {
  readonly sandbox: string;
  readonly boot: string;
  /** Ed25519 public keys, SPKI in base64 */
  readonly keys: readonly string[];
  /** the keys as they are now, asked where none that is known fits */
  readonly moreKeys?: () => readonly string[];
  /** ms since the epoch */
  readonly now?: () => number;
}

export function createTickets(trust: TicketTrust): Tickets {
  const keyring = createKeyring(trust);
  const seen = createMemory();
  const now = trust.now ?? Date.now;
  return {
    take(header, need) {
      const claims = read(header, keyring);
      const seconds = now() / 1000;
      const good =
        claims !== null &&
        claims.sandbox === trust.sandbox &&
        fits(claims, need, trust.boot) &&
        claims.exp >= seconds - SKEW &&
        claims.exp <= seconds + LIFE + SKEW &&
        seen.first(claims.jti, claims.exp + SKEW, seconds);
      if (!good) throw new Refusal('not-signed-in', 'The ticket does not open this sandbox.');
      return claims;
    },
  };
}

interface Keyring {
  verifies(signed: Buffer, signature: Buffer): boolean;
}

function createKeyring({ keys: first, moreKeys }: TicketTrust): Keyring {
  let keys = first.map(publicKey);
  let readAt = -Infinity;
  const fits = (signed: Buffer, signature: Buffer): boolean =>
    keys.some((key) => verify(null, signed, key, signature));
  return {
    verifies(signed, signature) {
      if (fits(signed, signature)) return true;
      if (moreKeys === undefined || performance.now() - readAt < KEYS_REST) return false;
      readAt = performance.now();
      keys = moreKeys().map(publicKey);
      return fits(signed, signature);
    },
  };
}

function publicKey(spki: string): KeyObject {
  return createPublicKey({ key: Buffer.from(spki, 'base64'), format: 'der', type: 'spki' });
}

function fits(claims: TicketClaims, need: Need, boot: string): boolean {
  const sameBoot = claims.boot === boot || (claims.boot === '*' && need.op === 'status');
  const mode = claims.mode === 'write' || need.mode === 'read';
  const subject = need.subject === undefined || claims.subject === need.subject;
  return sameBoot && claims.op === need.op && mode && subject;
}

function read(header: string | undefined, keyring: Keyring): TicketClaims | null {
  if (header === undefined || header.length > LONGEST) return null;
  const match = /^Palestra ([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{86})$/.exec(header);
  if (match?.[1] === undefined || match[2] === undefined) return null;
  const signed = Buffer.from(match[1], 'ascii');
  const signature = Buffer.from(match[2], 'base64url');
  if (!keyring.verifies(signed, signature)) return null;
  return parseClaims(Buffer.from(match[1], 'base64url').toString('utf8'));
}

/** Only reached under a valid signature, so a mistake here is a mistake of ours; still it must not throw. */
function parseClaims(text: string): TicketClaims | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
  if (typeof value !== 'object' || value === null) return null;
  const claims = value as Record<string, unknown>;
  const strings = [claims['sandbox'], claims['boot'], claims['op'], claims['jti']].every(
    (part) => typeof part === 'string',
  );
  const jti = typeof claims['jti'] === 'string' && claims['jti'].length >= 16 && claims['jti'].length <= 64;
  const mode = claims['mode'] === 'read' || claims['mode'] === 'write';
  return strings && jti && mode && Number.isInteger(claims['exp']) ? (value as TicketClaims) : null;
}

/** Which tickets were used, each kept until it would have expired anyway. */
function createMemory(): { first(jti: string, until: number, now: number): boolean } {
  const used = new Map<string, number>();
  return {
    first(jti, until, now) {
      if (used.size >= MOST_REMEMBERED) forgetExpired(used, now);
      if (used.has(jti) || used.size >= MOST_REMEMBERED) return false;
      used.set(jti, until);
      // in order of use, so the oldest are first: two a call keeps the map as small as the last 50 s
      for (const [old, end] of used) {
        if (end >= now) break;
        used.delete(old);
      }
      return true;
    },
  };
}

function forgetExpired(used: Map<string, number>, now: number): void {
  for (const [jti, until] of used) if (until < now) used.delete(jti);
}
