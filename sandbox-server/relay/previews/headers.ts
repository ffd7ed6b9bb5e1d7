/**
 * What passes between a browser and a learner's program: everything that is theirs, nothing that is the
 * platform's (T38) or the connection's (RFC 9110, 7.6.1). Pure: raw header lists in, header lists out.
 */
import { cookiesWithout } from '../cookies.ts';
import type { PreviewPlace } from './address.ts';

export type Headers = Record<string, string | string[]>;

const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
/** Not the program's to know: the server sets Host, forwarding and cookies itself. */
const FROM_BROWSER = new Set(['host', 'cookie', 'authorization', 'origin', 'referer', 'forwarded']);
/**
 * Not a preview's to say: framing is ours to decide; the others would reach the portal where previews
 * stand below its host.
 */
const FROM_PROGRAM = new Set([
  'x-frame-options',
  'strict-transport-security',
  'clear-site-data',
  'alt-svc',
  'origin-agent-cluster',
]);
const isOurs = (cookie: string): boolean => cookie.toLowerCase().startsWith('__host-palestra');

/** Headers for the program at `localhost:<port>`, which shall think it is spoken to directly. */
export function toProgram(raw: readonly string[], place: PreviewPlace): Headers {
  const own = `http://localhost:${place.port}`;
  const all = collect(raw);
  const headers = without(all, (name) => FROM_BROWSER.has(name) || name.startsWith('x-forwarded-'));
  headers['host'] = `localhost:${place.port}`;
  headers['x-forwarded-host'] = new URL(place.origin).host;
  headers['x-forwarded-proto'] = new URL(place.origin).protocol.slice(0, -1);
  const cookies = cookiesWithout(one(all['cookie'], '; '), isOurs);
  if (cookies !== undefined) headers['cookie'] = cookies;
  // servers compare Origin with Host; a foreign origin stays foreign
  if (all['origin'] !== undefined) headers['origin'] = one(all['origin']) === place.origin ? own : 'null';
  const referer = one(all['referer']);
  if (referer?.startsWith(`${place.origin}/`) === true)
    headers['referer'] = own + referer.slice(place.origin.length);
  return headers;
}

/** Headers for the browser: framed by the portal alone, cookies kept on the preview's own origin. */
export function toBrowser(raw: readonly string[], place: PreviewPlace): Headers {
  const all = collect(raw);
  const headers = without(all, (name) => FROM_PROGRAM.has(name));
  const policies = list(all['content-security-policy'])
    .map(withoutFrameAncestors)
    .filter((policy) => policy !== '');
  headers['content-security-policy'] = [...policies, frameAncestors(place)];
  headers['origin-agent-cluster'] = '?1';
  const cookies = list(all['set-cookie'])
    .map(ownCookie)
    .filter((cookie) => cookie !== null);
  delete headers['set-cookie'];
  if (cookies.length > 0) headers['set-cookie'] = cookies;
  const location = one(all['location']);
  if (location !== undefined) headers['location'] = ownLocation(location, place);
  return headers;
}

export function frameAncestors(place: PreviewPlace): string {
  return `frame-ancestors 'self' ${place.portal}`;
}

function withoutFrameAncestors(policy: string): string {
  return policy
    .split(';')
    .filter((directive) => !/^\s*frame-ancestors(\s|$)/i.test(directive))
    .join(';')
    .trim();
}
/**
 * Without Domain, and sent in a frame on another site too, yet only there where it was set, as our own pass is: a program
 * that signs its user in (JupyterLab) is in the lesson's frame else as if it had never met them. null: one of ours, it says
 */
function ownCookie(cookie: string): string | null {
  const [pair = '', ...attributes] = cookie.split(';');
  if (isOurs(pair.split('=')[0]?.trim() ?? '')) return null;
  const kept = attributes.filter(
    (attribute) => !/^\s*(domain|samesite|secure|partitioned)\s*(=|$)/i.test(attribute),
  );
  return [pair, ...kept, ' Secure', ' SameSite=None', ' Partitioned'].join(';');
}
/** A program that knows itself as localhost sends the browser to its preview. */
function ownLocation(location: string, place: PreviewPlace): string {
  const [, rest] =
    new RegExp(`^https?://(?:localhost|127\\.0\\.0\\.1|\\[::1\\]):${place.port}(/.*|\\?.*|)$`).exec(
      location,
    ) ?? [];
  return rest === undefined ? location : place.origin + rest;
}

function collect(raw: readonly string[]): Record<string, string[]> {
  const all: Record<string, string[]> = Object.create(null) as Record<string, string[]>;
  for (let i = 0; i + 1 < raw.length; i += 2)
    (all[(raw[i] ?? '').toLowerCase()] ??= []).push(raw[i + 1] ?? '');
  return all;
}
/** All but hop-by-hop headers, those that Connection names, and what `drop` says. */
function without(all: Record<string, string[]>, drop: (name: string) => boolean): Headers {
  const named = new Set(
    list(all['connection']).flatMap((value) =>
      value
        .toLowerCase()
        .split(',')
        .map((name) => name.trim()),
    ),
  );
  const kept = Object.entries(all).filter(
    ([name]) => !HOP_BY_HOP.has(name) && !named.has(name) && !drop(name),
  );
  return Object.fromEntries(
    kept.map(([name, values]) => [name, values.length === 1 ? (values[0] ?? '') : values]),
  );
}
function list(values: readonly string[] | undefined): readonly string[] {
  return values ?? [];
}
function one(values: readonly string[] | undefined, separator = ', '): string | undefined {
  return values?.join(separator);
}
