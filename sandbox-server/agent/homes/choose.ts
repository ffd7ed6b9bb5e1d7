/** Which of a home's entries go into a snapshot where not all fit: caches go first, then the largest files. Pure. */
import type { HomeBounds } from '../../contract/agent.ts';
import type { LeftOut } from './left-out.ts';
import type { Found } from './walk.ts';

/** what programs make again by themselves */
const CACHES = new Set(['.cache', '__pycache__', 'node_modules', '.npm', '.ipynb_checkpoints']);

/** @returns entries in the order given, parents before what is in them */
export function choose(found: readonly Found[], bounds: HomeBounds, leftOut: LeftOut): Found[] {
  const dropped = new Set<Found>();
  const drop = (one: Found, why: string): void => {
    dropped.add(one);
    leftOut.add(one.path, why);
  };
  let bytes = found.reduce((sum, { size }) => sum + size, 0) - sharedBytes(found);
  for (const one of bytes > bounds.bytes ? largestFirst(found) : []) {
    if (bytes <= bounds.bytes) break;
    drop(one, inCache(one.path) ? 'a cache that did not fit' : `${megabytes(one.size)} did not fit`);
    bytes -= one.size;
  }
  let entries = found.length - dropped.size;
  // from the end: what lies deepest, so that no folder goes before what is in it
  const deepest = entries > bounds.entries ? found.toReversed() : [];
  for (const one of [...deepest.filter(({ path }) => inCache(path)), ...deepest]) {
    if (entries <= bounds.entries) break;
    if (dropped.has(one)) continue;
    drop(one, `more than ${bounds.entries} names`);
    entries -= 1;
  }
  return found.filter((one) => !dropped.has(one));
}

/** Names of one file share its bytes; the snapshot holds them once. */
function sharedBytes(found: readonly Found[]): number {
  const seen = new Set<string>();
  let shared = 0;
  for (const { id, names, size } of found) {
    if (names < 2) continue;
    if (seen.has(id)) shared += size;
    seen.add(id);
  }
  return shared;
}

function largestFirst(found: readonly Found[]): Found[] {
  const files = found.filter(({ kind, size }) => kind === 'file' && size > 0);
  return files.sort((a, b) => Number(inCache(b.path)) - Number(inCache(a.path)) || b.size - a.size);
}

function inCache(path: string): boolean {
  return path.split('/').some((part) => CACHES.has(part));
}

function megabytes(bytes: number): string {
  return `${(bytes / 1024 ** 2).toFixed(bytes < 10 * 1024 ** 2 ? 1 : 0)} MB`;
}
