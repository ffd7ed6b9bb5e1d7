/**
 * One terminal's connection as a union that moves forward: opening → live → cut → opening …, and
 * `over` for good. Pure: the session acts on what this says.
 */
import type { ErrorCode } from '../../../../sandbox-server/contract/errors.ts';
import { CLOSE } from '../constants.ts';
import { backOff } from './back-off.ts';
import { say } from '../words/terminal.ts';

export type Link =
  /** a ticket is fetched or the socket opens; `attempt` 0 is the first ever or after a good connection */
  | { readonly at: 'opening'; readonly attempt: number }
  | { readonly at: 'live'; readonly writer: boolean }
  /** waiting until `retryAt` (ms since the epoch) */
  | { readonly at: 'cut'; readonly attempt: number; readonly retryAt: number; readonly because: string }
  /** never again by itself */
  | { readonly at: 'over'; readonly because: string };

export type LinkEvent =
  | { readonly type: 'welcome'; readonly writer: boolean }
  | { readonly type: 'writer'; readonly writer: boolean }
  | { readonly type: 'closed'; readonly code: number; readonly now: number; readonly random: number }
  | {
      readonly type: 'refused';
      readonly code: ErrorCode | 'offline';
      readonly message: string;
      readonly now: number;
      readonly random: number;
    }
  /** the wait is over, or the learner asked */
  | { readonly type: 'dial' };

export const OPENING: Link = { at: 'opening', attempt: 0 };

const FINAL_CLOSE: Readonly<Record<number, string>> = {
  [CLOSE.ended]: say('The lab was paused or ended. Resume it to go on.'),
  [CLOSE.revoked]: say(
    'You signed out, or this login may no longer use the lab. Sign in again to go on; your program runs on.',
  ),
  [CLOSE.limit]: say('Too many connections are open for your account. Close other tabs, then connect again.'),
};
const WHY_CUT: Readonly<Record<number, string>> = {
  [CLOSE.restarting]: say('The server restarts.'),
  [CLOSE.agentLost]: say('The sandbox does not answer.'),
};
const FINAL_REFUSAL: ReadonlySet<ErrorCode | 'offline'> = new Set([
  'not-signed-in',
  'sign-in-again',
  'forbidden',
  'not-found',
  'sandbox-gone',
  'conflict',
  'cross-site',
  'bad-request',
]);

/** @returns the next state; an event that does not fit the state leaves it as it is. */
export function nextLink(link: Link, event: LinkEvent): Link {
  if (link.at === 'over') return link;
  switch (event.type) {
    case 'welcome':
      return link.at === 'opening' ? { at: 'live', writer: event.writer } : link;
    case 'writer':
      return link.at === 'live' ? { at: 'live', writer: event.writer } : link;
    case 'dial':
      return link.at === 'cut' ? { at: 'opening', attempt: link.attempt } : link;
    case 'closed':
      return link.at === 'cut' ? link : afterClose(attemptsOf(link), event);
    case 'refused':
      return link.at === 'cut' ? link : afterRefusal(attemptsOf(link), event);
  }
}

function attemptsOf(link: Link): number {
  return link.at === 'opening' ? link.attempt : 0;
}

function afterClose(
  attempt: number,
  { code, now, random }: { code: number; now: number; random: number },
): Link {
  const final = FINAL_CLOSE[code];
  if (final !== undefined) return { at: 'over', because: final };
  return cut(attempt, WHY_CUT[code] ?? say('The connection is cut.'), now, random);
}

function afterRefusal(attempt: number, event: LinkEvent & { type: 'refused' }): Link {
  if (FINAL_REFUSAL.has(event.code)) return { at: 'over', because: event.message };
  return cut(
    attempt,
    event.code === 'offline' ? say('The server does not answer.') : event.message,
    event.now,
    event.random,
  );
}

function cut(attempt: number, because: string, now: number, random: number): Link {
  return { at: 'cut', attempt: attempt + 1, retryAt: now + backOff(attempt, random), because };
}

/** What the banner over a terminal says; null where nothing is to be said. Keys are never queued: said so. */
export function banner(link: Link, everLive: boolean): string | null {
  switch (link.at) {
    case 'live':
      return null;
    case 'over':
      return link.because;
    case 'opening':
      return link.attempt === 0 || !everLive
        ? null
        : say('Connecting again… Your program runs on. Keys typed now are not sent.');
    case 'cut':
      return say(
        '{0} Your program runs on in the sandbox and the text here stays. Keys typed now are not sent.',
        link.because,
      );
  }
}
