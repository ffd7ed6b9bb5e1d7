/**
 * What may stand in a log: no secret (T57), no control character, nothing unbounded (T66).
 * Secrets are recognised twice: by the name of the field they stand in, and by their shape inside any text.
 */
import { printable } from './printable.ts';

const SECRET_FIELD =
  /authorization|cookie|token|ticket|secret|password|verifier|assertion|credential|private/i;
const REDACTED = '[redacted]';
/** bounds of one logged field: characters, entries, depth */
const MOST = { text: 2000, entries: 50, depth: 5 } as const;

/** bearer values, JWTs, our tickets and cookies, and secret query parameters, wherever they stand in a text */
const SECRET_TEXT: readonly (readonly [RegExp, string])[] = [
  [/\b(bearer|palestra|basic|dpop) +[A-Za-z0-9._~+/=-]{8,}/gi, `$1 ${REDACTED}`],
  [/\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*)?/g, REDACTED],
  [/\bticket\.[A-Za-z0-9_-]{20,}/g, `ticket.${REDACTED}`],
  [/(__Host-[A-Za-z0-9-]+=)[^;,\s"]+/g, `$1${REDACTED}`],
  [
    /([?&#](?:code|state|nonce|ticket|[a-z_]*token(?:_hint)?|client_secret|session_state)=)[^&#\s"']+/gi,
    `$1${REDACTED}`,
  ],
];

/** A line's text: secrets out, then escaped and cut. */
export function safeText(text: string, max: number = MOST.text): string {
  // cut before matching: the work is bounded whatever a 1 MB user name holds
  const bounded = text.slice(0, max * 2);
  return printable(
    SECRET_TEXT.reduce((t, [secret, instead]) => t.replace(secret, instead), bounded),
    max,
  );
}

/** Any value as bounded plain data that may be logged. */
function safeValue(value: unknown, depth: number = MOST.depth): unknown {
  if (typeof value === 'string') return safeText(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'function' || typeof value === 'symbol') return `[${typeof value}]`;
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'invalid date' : value.toISOString();
  if (value instanceof URL) return safeText(value.href);
  if (depth <= 0) return '[deeper]';
  if (value instanceof Error) return safeError(value, depth);
  if (ArrayBuffer.isView(value)) return `[${String(value.byteLength)} bytes]`;
  if (Array.isArray(value)) return safeList(value, depth);
  return safeRecord(value, depth);
}

/** Fields of a log line; the field's own name decides first. */
export function safeRecord(record: object, depth: number = MOST.depth): Record<string, unknown> {
  const entries = Object.entries(record).slice(0, MOST.entries);
  return Object.fromEntries(
    entries.map(([key, value]) => [safeText(key, 100), safeField(key, value, depth)]),
  );
}

function safeField(key: string, value: unknown, depth: number): unknown {
  const holdsSecret =
    SECRET_FIELD.test(key) && (typeof value === 'string' || typeof value === 'object') && value !== null;
  return holdsSecret ? REDACTED : safeValue(value, depth - 1);
}

function safeList(list: readonly unknown[], depth: number): unknown[] {
  const kept: unknown[] = list.slice(0, MOST.entries).map((value) => safeValue(value, depth - 1));
  return list.length > MOST.entries ? [...kept, `[${String(list.length - MOST.entries)} more]`] : kept;
}

/** Name, code, message, stack and cause; never a library's whole response object, which may hold a token. */
function safeError(error: Error, depth: number): Record<string, unknown> {
  const code = 'code' in error && typeof error.code === 'string' ? { code: safeText(error.code, 100) } : {};
  const cause = error.cause === undefined ? {} : { cause: safeValue(error.cause, depth - 1) };
  return {
    type: safeText(error.name, 100),
    ...code,
    message: safeText(error.message),
    stack: safeText(error.stack ?? '', 4000),
    ...cause,
  };
}
