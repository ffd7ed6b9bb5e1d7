/** How the width (or height) is shared at a divider: percent of the first part, within bounds. Pure. */
export interface Bounds {
  readonly least: number;
  readonly most: number;
}
export const TEXT: Bounds = { least: 24, most: 72 };
export const UPPER: Bounds = { least: 12, most: 85 };

export function bounded(percent: number, { least, most }: Bounds): number {
  return Math.min(most, Math.max(least, percent));
}

/** What a key does to a divider. @returns the new share, or null where the key is none of its own */
export function afterKey(key: string, share: number, bounds: Bounds): number | null {
  switch (key) {
    case 'ArrowLeft':
    case 'ArrowUp':
      return bounded(share - 2, bounds);
    case 'ArrowRight':
    case 'ArrowDown':
      return bounded(share + 2, bounds);
    case 'Home':
      return bounds.least;
    case 'End':
      return bounds.most;
    default:
      return null;
  }
}

/** A remembered share; what was stored may be anything. */
export function readShare(stored: string | null, otherwise: number, bounds: Bounds): number {
  const share = stored === null || stored === '' ? Number.NaN : Number(stored);
  return Number.isFinite(share) ? bounded(share, bounds) : otherwise;
}
