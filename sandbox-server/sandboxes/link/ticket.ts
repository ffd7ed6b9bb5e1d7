/** Tickets for an agent: one use, one operation, seconds (design decision 5). Signed afresh for each dial, never seen by a browser. */
import { randomBytes, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { TicketClaims } from '../../contract/agent.ts';

/** seconds; the agent takes at most 30 ahead */
const LIFE = 20;

export type TicketFor = Pick<TicketClaims, 'sandbox' | 'boot' | 'op' | 'mode'> & {
  readonly subject?: string | undefined;
};
/** @returns the value of the Authorization header */
export type Sign = (ticket: TicketFor) => string;

export function signTicket(key: KeyObject, claims: TicketClaims): string {
  const text = Buffer.from(JSON.stringify(claims)).toString('base64url');
  return `${text}.${sign(null, Buffer.from(text), key).toString('base64url')}`;
}

/** @param now ms since the epoch */
export function createSign(key: KeyObject, now: () => number = Date.now): Sign {
  return ({ subject, ...ticket }) => {
    const jti = randomBytes(16).toString('hex');
    const exp = Math.floor(now() / 1000) + LIFE;
    return `Palestra ${signTicket(key, { ...ticket, ...(subject === undefined ? {} : { subject }), jti, exp })}`;
  };
}
