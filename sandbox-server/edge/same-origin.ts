/**
 * Requests that another site made a browser send are refused (T13). Browsers say where a request comes
 * from in `Sec-Fetch-Site`; a form on another site can neither say otherwise nor set `X-Palestra`.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { XSRF_HEADER } from '../contract/api.ts';
import { Problem } from '../contract/errors.ts';

const READING = new Set(['GET', 'HEAD', 'OPTIONS']);

export interface Asked {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
}

/** @param origin of the address that was asked. Throws Problem `cross-site`. */
export function refuseCrossSite({ method, headers }: Asked, origin: string): void {
  const site = headers['sec-fetch-site'];
  const reading = READING.has(method);
  if (site === undefined) {
    // no browser of these days: a program, and programs hold no cookie
    if (!reading && headers.cookie !== undefined) throw crossSite();
  } else if (site !== 'same-origin' && !(reading && site === 'none')) throw crossSite();
  if (!reading && headers[XSRF_HEADER] !== '1') throw crossSite();
  if (!reading && headers.origin !== undefined && headers.origin !== origin) throw crossSite();
}

/** For upgrades, which no header of ours can protect: the Origin, exactly (T1). */
export function refuseForeignOrigin(headers: IncomingHttpHeaders, origin: string): void {
  const site = headers['sec-fetch-site'];
  if (headers.origin !== origin || (site !== undefined && site !== 'same-origin')) throw crossSite();
}

function crossSite(): Problem {
  return new Problem('cross-site', 'This request did not come from a page of this site, so it was refused.');
}
