/** adler32 checksums: as submitters give them, as elements answer them. Always 8 lower-case hexadecimal digits here. */

export type Verify = 'both' | 'source' | 'target' | 'none';

/** `ADLER32:1a2b`, `adler32:…` or bare; leading zeros are often lost on the way. Null: none, or of another kind. */
export function adlerGiven(text: string | null | undefined): string | null {
  if (text === null || text === undefined || text === '') return null;
  const [, kind = 'adler32', value = ''] = /^(?:([a-z0-9-]+):)?([0-9a-f]{1,8})$/i.exec(text.trim()) ?? [];
  return /^adler-?32$/i.test(kind) && value !== '' ? padded(value) : null;
}

/** From a `Digest` header: `adler32=…`, perhaps among others. Null: the element answered none. */
export function adlerAnswered(digest: string | readonly string[] | undefined): string | null {
  const text = typeof digest === 'string' ? digest : (digest ?? []).join(',');
  const value = /(?:^|,)\s*adler32\s*=\s*"?([0-9a-f]{1,8})"?\s*(?:,|$)/i.exec(text)?.[1];
  return value === undefined ? null : padded(value);
}

/** FTS3 takes words, and true for `both`. */
export function verifyGiven(value: unknown): Verify {
  if (value === true || value === 'both' || value === 'compare' || value === 'c') return 'both';
  if (value === 'source' || value === 'target') return value;
  return 'none';
}

export function asksSource(verify: Verify): boolean {
  return verify === 'both' || verify === 'source';
}
export function asksTarget(verify: Verify): boolean {
  return verify === 'both' || verify === 'target';
}

function padded(hex: string): string {
  return hex.toLowerCase().padStart(8, '0');
}
