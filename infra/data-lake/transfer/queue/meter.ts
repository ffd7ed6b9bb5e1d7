/** How fast bytes go over each link: the mean of the last seconds. */

export interface Meter {
  add(link: string, bytes: number): void;
  /** bytes/s */
  rate(link: string): number;
  /** since the start */
  readonly total: number;
}

/** XRootD sends a marker every 5 s: a shorter window would show a saw. */
const WINDOW_MS = 10_000;

export function createMeter(now: () => number = Date.now): Meter {
  const links = new Map<string, { at: number; bytes: number }[]>();
  let total = 0;
  const recent = (link: string) => {
    const since = now() - WINDOW_MS;
    const kept = (links.get(link) ?? []).filter(({ at }) => at > since);
    if (kept.length === 0) links.delete(link);
    else links.set(link, kept);
    return kept;
  };
  return {
    add(link, bytes) {
      if (bytes <= 0) return;
      total += bytes;
      links.set(link, [...recent(link), { at: now(), bytes }]);
    },
    rate: (link) => recent(link).reduce((sum, one) => sum + one.bytes, 0) / (WINDOW_MS / 1000),
    get total() {
      return total;
    },
  };
}
