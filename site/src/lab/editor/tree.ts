/** The file tree without its drawing: which rows are seen, where the keys lead. Pure. */
import type { FileEntry, FileTree } from '../../../../sandbox-server/contract/files.ts';
import { say } from '../words/editor.ts';

export interface TreeState {
  /** entries of each folder that was read; `''` is the home */
  readonly folders: ReadonlyMap<string, FileTree>;
  readonly open: ReadonlySet<string>;
}
export interface Row {
  readonly entry: FileEntry;
  readonly name: string;
  /** from 1 */
  readonly level: number;
  readonly open: boolean;
  readonly place: number;
  readonly of: number;
}
export const EMPTY_TREE: TreeState = { folders: new Map(), open: new Set() };

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
export function folderOf(path: string): string {
  const cut = path.lastIndexOf('/');
  return cut < 0 ? '' : path.slice(0, cut);
}

/** Folders first, then by name as people read it (`run2` before `run10`); dotfiles last. */
function inOrder(entries: readonly FileEntry[]): readonly FileEntry[] {
  const weight = (entry: FileEntry): number =>
    (nameOf(entry.path).startsWith('.') ? 2 : 0) + (entry.kind === 'folder' ? 0 : 1);
  return [...entries].sort(
    (a, b) => weight(a) - weight(b) || nameOf(a.path).localeCompare(nameOf(b.path), 'en', { numeric: true }),
  );
}

/** The rows seen from top to bottom. */
export function rows(state: TreeState, folder = '', level = 1): readonly Row[] {
  const entries = inOrder(state.folders.get(folder)?.entries ?? []);
  return entries.flatMap((entry, index) => {
    const open = entry.kind === 'folder' && state.open.has(entry.path);
    const row: Row = { entry, name: nameOf(entry.path), level, open, place: index + 1, of: entries.length };
    return open ? [row, ...rows(state, entry.path, level + 1)] : [row];
  });
}

export function withFolder(state: TreeState, tree: FileTree): TreeState {
  return { ...state, folders: new Map(state.folders).set(tree.path, tree) };
}
export function opened(state: TreeState, path: string): TreeState {
  return { ...state, open: new Set(state.open).add(path) };
}
export function closed(state: TreeState, path: string): TreeState {
  return { ...state, open: new Set([...state.open].filter((open) => open !== path)) };
}

/** Folders seen now that a change of these paths concerns: each must be read again. */
export function foldersToRead(state: TreeState, paths: readonly string[]): readonly string[] {
  const touched = new Set(paths.map(folderOf));
  return [...state.folders.keys()].filter((folder) => touched.has(folder));
}

export type TreeMove =
  { readonly focus: string } | { readonly open: string } | { readonly close: string } | null;

/** What an arrow, Home or End does in a tree (WAI-ARIA). @returns null: nothing */
export function move(seen: readonly Row[], focused: string, key: string): TreeMove {
  const at = seen.findIndex((row) => row.entry.path === focused);
  const row = seen[at];
  const go = (to: Row | undefined): TreeMove => (to === undefined ? null : { focus: to.entry.path });
  switch (key) {
    case 'ArrowDown':
      return go(seen[at + 1]);
    case 'ArrowUp':
      return go(seen[at - 1]);
    case 'Home':
      return go(seen[0]);
    case 'End':
      return go(seen.at(-1));
    case 'ArrowRight':
      if (row?.entry.kind !== 'folder') return null;
      return row.open ? go(seen[at + 1]) : { open: focused };
    case 'ArrowLeft':
      if (row?.open === true) return { close: focused };
      return go(seen.find((other) => other.entry.path === folderOf(focused)));
    default:
      return null;
  }
}

/** Why a name cannot be given to a file in this folder; null where it can. */
export function nameProblem(name: string, siblings: readonly string[]): string | null {
  if (name === '') return say('A name is needed.');
  if (name.length > 200) return say('That name is too long.');
  if (/[/\\\0]/.test(name) || name === '.' || name === '..')
    return say('A name has no slashes, and is not . or ..');
  return siblings.includes(name) ? say('There is a “{0}” already.', name) : null;
}
