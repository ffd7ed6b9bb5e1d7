/**
 * Parts of a file as RFC 9110 (14.1.2) has them. XRootD 5.5.3 answers `bytes=7-`, which is how downloads are taken up
 * again, by 206 and no content at all, and breaks off where a part ends beyond the file; so it is told both ends.
 */

export type FittedRange =
  | { readonly kind: 'parts'; readonly value: string }
  /** not a range of bytes: the whole file, says the standard */
  | { readonly kind: 'whole' }
  | { readonly kind: 'unsatisfiable' };

/** @param size of the file in bytes */
export function fitRange(header: string, size: number): FittedRange {
  const list = /^bytes\s*=\s*(.+)$/i.exec(header.trim())?.[1];
  const parts = list?.split(',').map((one) => readPart(one.trim(), size));
  if (parts === undefined || parts.includes('malformed')) return { kind: 'whole' };
  const fitting = parts.filter((one) => one !== 'malformed' && one !== 'beyond');
  if (fitting.length === 0) return { kind: 'unsatisfiable' };
  return { kind: 'parts', value: `bytes=${fitting.map(({ from, to }) => `${from}-${to}`).join(',')}` };
}

type Part = { readonly from: number; readonly to: number } | 'malformed' | 'beyond';

function readPart(text: string, size: number): Part {
  const [, first = '', last = ''] = /^(\d{0,18})-(\d{0,18})$/.exec(text) ?? [];
  if (first === '' && last === '') return 'malformed';
  // the last so many bytes
  if (first === '')
    return Number(last) === 0 || size === 0
      ? 'beyond'
      : { from: Math.max(0, size - Number(last)), to: size - 1 };
  const from = Number(first);
  const to = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (last !== '' && Number(last) < from) return 'malformed';
  return from >= size ? 'beyond' : { from, to };
}
