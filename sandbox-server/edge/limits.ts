/**
 * How often one may ask: by account once signed in, by address only before, and there so generously that a
 * class of 28 behind one address logs in at once (a test). Static files and health are not counted.
 */
import rateLimit from '@fastify/rate-limit';
import type { FastifyRequest } from 'fastify';
import { Problem } from '../contract/errors.ts';
import { clientAddress } from './address.ts';
import type { App } from './app.ts';

/** Requests a minute. */
export interface RequestLimits {
  readonly perAccount: number;
  readonly perAddress: number;
}
/** A page polls nothing and makes some dozens; a script that polls every 20 ms still works. A login makes some ten. */
export const LIMITS: RequestLimits = { perAccount: 6000, perAddress: 20_000 };

/** To be registered after the hook that says who asks. */
export async function limitRequests(app: App, behindProxy: boolean, limits: RequestLimits): Promise<void> {
  await app.register(rateLimit, {
    timeWindow: 60_000,
    max: (request) => (request.who === null ? limits.perAddress : limits.perAccount),
    keyGenerator: (request) => keyOf(request, behindProxy),
    errorResponseBuilder: (_request, { ttl }) => tooOften(Math.ceil(ttl / 1000)),
  });
}

function keyOf({ who, raw }: Pick<FastifyRequest, 'who' | 'raw'>, behindProxy: boolean): string {
  return who === null ? `address ${clientAddress(raw, behindProxy)}` : `account ${who.person.id}`;
}
function tooOften(retryAfter: number): Problem {
  return new Problem('limit', `Too many requests. Wait ${retryAfter} s and go on.`, {
    details: { retryAfter },
  });
}
