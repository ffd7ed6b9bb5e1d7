/**
 * Headers on their way through a gate. XRootD 5.5.3 compares names letter by letter (`authorization:` is no token to
 * it) and copies `Host` into 256 bytes without looking; so names get its spelling, and `Host` is ours.
 */

export type Headers = readonly (readonly [name: string, value: string])[];

/** as XRootD spells them */
const SPELLED: ReadonlyMap<string, string> = new Map(
  [
    'Authorization',
    'Content-Length',
    'Copy-Header',
    'Credential',
    'Depth',
    'Destination',
    'Overwrite',
    'Range',
    'RequireChecksumVerification',
    'Source',
    'Want-Digest',
    'X-Number-Of-Streams',
  ].map((name) => [name.toLowerCase(), name]),
);
const TRANSFER = 'transferheader';

/** Of one connection only, or made anew by us. */
const OURS: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'upgrade',
  'host',
  'expect',
  'transfer-encoding',
]);
/** Said twice, XRootD takes one and we might have looked at the other. */
const ONCE: ReadonlySet<string> = new Set([
  'authorization',
  'content-length',
  'credential',
  'destination',
  'overwrite',
  'source',
  'transferheaderauthorization',
]);

export function pairsOf(raw: readonly string[]): Headers {
  return Array.from({ length: raw.length / 2 }, (_, i) => [raw[2 * i] ?? '', raw[2 * i + 1] ?? ''] as const);
}

export function valueOf(headers: Headers, name: string): string | null {
  return headers.find(([one]) => one.toLowerCase() === name)?.[1] ?? null;
}

/** @returns the first header that came more than once and may not */
export function repeated(headers: Headers): string | null {
  const seen = new Set<string>();
  for (const name of headers.map(([one]) => one.toLowerCase())) {
    if (ONCE.has(name) && seen.has(name)) return name;
    seen.add(name);
  }
  return null;
}

/** What goes on to XRootD. `xrd-http-…` are names of its own between its parts: nobody outside says them. */
export function onward(headers: Headers, host: string): Headers {
  const kept = headers.filter(([name]) => !OURS.has(name.toLowerCase()) && !/^xrd-/i.test(name));
  return [['Host', host], ...kept.map(([name, value]) => [spelled(name), value] as const)];
}

/** What goes back: Node makes connection and chunks of its own. */
export function backward(raw: readonly string[]): Headers {
  return pairsOf(raw).filter(([name]) => !OURS.has(name.toLowerCase()));
}

function spelled(name: string): string {
  const lower = name.toLowerCase();
  if (!lower.startsWith(TRANSFER)) return SPELLED.get(lower) ?? name;
  const rest = lower.slice(TRANSFER.length);
  return `TransferHeader${rest.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase())}`;
}
