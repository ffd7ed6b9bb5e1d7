/** A request as a gate understands it: parsed once, refused here where XRootD and we might not understand the same. */
import { lakePath, readTarget, PATH_SENTENCES, type LakePath } from '../paths.ts';
import { isLookalike, readClaims, sentenceOfRefusal, type Need } from '../tokens.ts';
import { onward, pairsOf, repeated, valueOf, type Headers } from './headers.ts';

export interface Asked {
  readonly method: string;
  readonly target: string;
  readonly rawHeaders: readonly string[];
}

export interface Call {
  readonly method: string;
  readonly at: LakePath;
  /** where MOVE goes, in this same element */
  readonly to: LakePath | null;
  readonly token: string | null;
  readonly needs: readonly Need[];
  /** writes to this element: what a full one refuses */
  readonly writes: boolean;
  /** bytes of a file go out: what tape waits for */
  readonly reads: boolean;
  /** a token in the address was dropped */
  readonly tokenInAddress: boolean;
  readonly headers: Headers;
}

export interface Refusal {
  readonly status: number;
  readonly why: string;
  readonly sentence: string;
}
export type CallReading =
  | { readonly ok: true; readonly call: Call }
  | {
      readonly ok: false;
      readonly refusal: Refusal;
      readonly at: LakePath | null;
      readonly token: string | null;
    };

export interface CallRules {
  /** `host:port` as XRootD is told */
  readonly host: string;
  /** `host:port` of elements that files may be copied from and to: XRootD fetches whatever address it is given */
  readonly peers: readonly string[];
}

export function readCall(asked: Asked, rules: CallRules): CallReading {
  const headers = pairsOf(asked.rawHeaders);
  const target = readTarget(asked.target);
  const token = bearerOf(headers);
  const no = (status: number, why: string, sentence: string): CallReading => ({
    ok: false,
    refusal: { status, why, sentence },
    at: target.ok ? target.at : null,
    token,
  });
  if (!target.ok) return no(400, `path: ${target.why}`, PATH_SENTENCES[target.why]);
  const twice = repeated(headers);
  if (twice !== null) return no(400, `twice: ${twice}`, `The header ${twice} came more than once.`);
  const to = asked.method === 'MOVE' ? readTarget(valueOf(headers, 'destination') ?? 'none') : null;
  if (to !== null && !to.ok)
    return no(400, `destination: ${to.why}`, `Destination: ${PATH_SENTENCES[to.why]}`);
  const stranger = asked.method === 'COPY' ? strangerOf(headers, rules.peers) : null;
  if (stranger !== null)
    return no(403, 'stranger', `This element copies from and to ${rules.peers.join(', ')} only.`);
  const needs = needsOf(asked.method, target.at.path, to?.at.path ?? null, headers);
  const claims = token === null ? null : readClaims(token);
  if (claims !== null && isLookalike(claims, needs))
    return no(403, 'lookalike', sentenceOfRefusal('lookalike', needs));
  return {
    ok: true,
    call: {
      method: asked.method,
      at: target.at,
      to: to?.at ?? null,
      token,
      needs,
      writes: ['PUT', 'MKCOL'].includes(asked.method) || isPull(asked.method, headers),
      reads: asked.method === 'GET' || (asked.method === 'COPY' && !isPull(asked.method, headers)),
      tokenInAddress: /(?:^|&)(?:authz|access_token)=/i.test(target.query),
      headers: withDestination(onward(headers, rules.host), rules.host, to?.at ?? null),
    },
  };
}

function bearerOf(headers: Headers): string | null {
  return /^bearer +(\S+)$/i.exec((valueOf(headers, 'authorization') ?? '').trim())?.[1] ?? null;
}

/** What a token must open for this; XRootD decides, we tell why it said no. */
function needsOf(method: string, path: string, to: string | null, headers: Headers): readonly Need[] {
  const write = (at: string): Need => ({ path: at, any: ['create', 'modify'] });
  const at = path.replace(/(.)\/$/, '$1');
  switch (method) {
    case 'GET':
    case 'HEAD':
    case 'PROPFIND':
      return [{ path: at, any: ['read'] }];
    case 'PUT':
    case 'MKCOL':
      return [write(at)];
    case 'DELETE':
      return [{ path: at, any: ['modify'] }];
    case 'MOVE':
      return [write(at), ...(to === null ? [] : [write(to)])];
    case 'COPY':
      return [isPull(method, headers) ? write(at) : { path: at, any: ['read'] }];
    default:
      return [];
  }
}

/** XRootD looks for Source first: with both it pulls. */
function isPull(method: string, headers: Headers): boolean {
  return method === 'COPY' && valueOf(headers, 'source') !== null;
}

/** @returns the other side of a COPY where it is none of ours */
function strangerOf(headers: Headers, peers: readonly string[]): string | null {
  const others = ['source', 'destination']
    .map((name) => valueOf(headers, name))
    .filter((one) => one !== null);
  return others.find((one) => !isPeer(one, peers)) ?? null;
}
function isPeer(url: string, peers: readonly string[]): boolean {
  const host = /^(?:https|davs):\/\/([a-z0-9.-]+:\d{1,5})\/[!-~]*$/i.exec(url)?.[1];
  return host !== undefined && peers.includes(host.toLowerCase());
}

/**
 * XRootD 5.5.3 does not decode the Destination of a MOVE, so `a%20b` would become that very name; and it copies the
 * host of it into 256 bytes without looking. It gets bytes, and our own host. And since it cuts what is not ASCII off
 * the end of a header, the path is followed by the mark of an empty query.
 */
function withDestination(headers: Headers, host: string, to: LakePath | null): Headers {
  if (to === null) return headers;
  const bytes = Buffer.from(lakePath(to.path).path, 'utf8').toString('latin1');
  return headers.map(([name, value]) => [name, name === 'Destination' ? `https://${host}${bytes}?` : value]);
}
