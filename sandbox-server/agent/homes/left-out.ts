/** What a snapshot does not hold, counted; the first few by name. */
import type { SnapshotSummary } from '../../contract/agent.ts';

const NAMED = 10;
const LONGEST_PATH = 120;
const LONGEST_WHY = 60;

export interface LeftOut {
  add(path: string, why: string): void;
  summary(): SnapshotSummary['leftOut'];
}

export function createLeftOut(): LeftOut {
  let count = 0;
  const some: { path: string; why: string }[] = [];
  return {
    add(path, why) {
      count += 1;
      if (some.length < NAMED) some.push({ path: shortened(path), why: why.slice(0, LONGEST_WHY) });
    },
    summary: () => ({ count, some }),
  };
}

/** Its end says more than its beginning. Never cut within a character. */
export function shortened(path: string): string {
  if (path.length <= LONGEST_PATH) return path;
  return `…${path.slice(1 - LONGEST_PATH).replace(/^[\udc00-\udfff]/, '')}`;
}
