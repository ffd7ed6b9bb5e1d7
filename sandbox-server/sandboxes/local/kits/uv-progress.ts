/** What uv says while it works, as progress; pure. */
import type { KitState } from '../../../contract/api.ts';

export interface Installing {
  readonly all: number;
  /** large files that are on their way; uv names only those */
  readonly awaited: ReadonlySet<string>;
  readonly phase: 'resolving' | 'downloading' | 'compiling' | 'done';
}
export const BEGINNING: Installing = { all: 0, awaited: new Set(), phase: 'resolving' };

/** One line of uv's standard error. Lines it does not know change nothing. */
export function heard(state: Installing, line: string): Installing {
  const text = line.trim();
  const resolved = /^Resolved (\d+) packages?/.exec(text)?.[1];
  if (resolved !== undefined) return { ...state, all: Number(resolved), phase: 'downloading' };
  const begun = /^Downloading (\S+) \(/.exec(text)?.[1];
  if (begun !== undefined) return { ...state, awaited: new Set([...state.awaited, begun]) };
  const over = /^Downloaded (\S+)/.exec(text)?.[1];
  if (over !== undefined)
    return { ...state, awaited: new Set([...state.awaited].filter((name) => name !== over)) };
  if (/^Installed \d+ packages?/.test(text)) return { ...state, awaited: new Set(), phase: 'compiling' };
  if (/^Bytecode compiled/.test(text)) return { ...state, phase: 'done' };
  return state;
}

/**
 * @param before packages of environments that are already done
 * @param after packages of those that come later
 */
export function progressText(
  title: string,
  state: Installing,
  before = 0,
  after = 0,
): Pick<KitState, 'text' | 'progress'> {
  if (state.phase === 'resolving' && before === 0)
    return { text: `Preparing the ${title} kit (first time only)` };
  const done =
    state.phase === 'downloading' ? Math.max(0, state.all - Math.max(1, state.awaited.size)) : state.all;
  const progress = { done: before + done, all: before + state.all + after, unit: 'packages' };
  if (state.phase === 'compiling') return { text: `Making the ${title} kit quick to start`, progress };
  return { text: `Installing ${progress.done} of ${progress.all} packages of the ${title} kit`, progress };
}

/** How many packages a locked list names; one that stands there for two Python versions counts once. */
export function packagesIn(list: string): number {
  return new Set([...list.matchAll(/^([A-Za-z0-9._-]+)==/gm)].map((found) => found[1])).size;
}
