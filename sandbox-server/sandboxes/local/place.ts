/**
 * Where the local driver keeps things. As root, sandboxes run as unprivileged uids, which must be able to
 * reach runtime, kits and homes: a state folder below /root will not do, so another place is taken and said.
 */
import { createHash } from 'node:crypto';
import { lstat, mkdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { Problem } from '../../contract/errors.ts';

export interface Place {
  /** runtime, kits, sandboxes, homes and claims stand below it */
  readonly root: string;
  /** agents' sockets: short, since a socket's path has at most 107 bytes */
  readonly sockets: string;
  /** why `root` is not the state folder; absent where it is */
  readonly elsewhere?: string;
}

export type Folders = Readonly<
  Record<'runtime' | 'kits' | 'tools' | 'sandboxes' | 'homes' | 'claims' | 'uids' | 'services', string>
>;

/** The folders of one place; pure. */
export function foldersOf(place: Place): Folders {
  const at = (name: string) => join(place.root, name);
  return {
    runtime: at('runtime'),
    kits: at('kits'),
    tools: at('tools'),
    sandboxes: at('sandboxes'),
    homes: at('homes'),
    claims: at('claims'),
    uids: at('uids'),
    services: at('services'),
  };
}

/** Name of this place's folder in each cgroup hierarchy. */
export function boundsName(place: Place): string {
  return `palestra-${shortHash(place.root)}`;
}

export interface PlaceOptions {
  /** the state folder, `.palestra` */
  readonly state: string;
  /** default: this process runs as root */
  readonly root?: boolean;
  /** where to go when the state folder cannot be reached by other uids; default /var/lib/palestra */
  readonly fallback?: string;
}

/** Finds (and makes) the place for a state folder: the same answer each time. */
export async function findPlace(options: PlaceOptions): Promise<Place> {
  const state = resolve(options.state);
  const asRoot = options.root ?? process.getuid?.() === 0;
  await mkdir(state, { recursive: true });
  const closed = asRoot ? await closedFolderAbove(state) : null;
  const root = closed === null ? state : join(options.fallback ?? '/var/lib/palestra', shortHash(state));
  const place: Place = { root, sockets: join(tmpdir(), `palestra-${shortHash(state)}`) };
  for (const folder of Object.values(foldersOf(place))) await mkdir(folder, { recursive: true, mode: 0o711 });
  await trustedFolder(place.sockets);
  if (closed === null) return place;
  return {
    ...place,
    elsewhere: `${closed} is closed to other users, and sandboxes run as users of their own`,
  };
}

/** @returns the first folder on the way to `path` that others may not pass; null where they may */
export async function closedFolderAbove(path: string): Promise<string | null> {
  const parent = dirname(path);
  const above = parent === path ? null : await closedFolderAbove(parent);
  if (above !== null) return above;
  const { mode } = await stat(path);
  return (mode & 0o001) === 0 ? path : null;
}

export function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 10);
}

/** A folder with a guessable name in a folder that everybody may write to: it must be ours, or somebody laid a trap. */
export async function trustedFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o711 });
  const found = await lstat(path);
  if (found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o022) === 0) return;
  throw new Problem(
    'internal',
    `${path} belongs to somebody else. Remove it, or set TMPDIR to a folder of your own.`,
  );
}
