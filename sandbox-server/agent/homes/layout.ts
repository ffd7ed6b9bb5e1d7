/**
 * What stands in a snapshot's tar: `home/…`, then `logs/…`, then `end`, without which it is not whole. A snapshot comes
 * from a learner's hands, so each head is parsed as strictly as a request: what we do not write, we do not read (T31).
 */
import type { Header } from 'tar-stream';
import { Refusal } from '../refusal.ts';
import { isLogPath } from './logs.ts';

const LONGEST_PATH = 4096;
const LONGEST_NAME = 255;

export type Entry =
  | { readonly to: 'home'; readonly kind: 'folder'; readonly path: string; readonly mode: number }
  | {
      readonly to: 'home';
      readonly kind: 'file';
      readonly path: string;
      readonly mode: number;
      readonly mtime: number;
      readonly size: number;
    }
  | { readonly to: 'home'; readonly kind: 'link'; readonly path: string; readonly target: string }
  /** another name of a file that came before */
  | { readonly to: 'home'; readonly kind: 'name'; readonly path: string; readonly of: string }
  | { readonly to: 'logs'; readonly path: string; readonly size: number }
  | { readonly to: 'end'; readonly size: number };

/** @throws Refusal `bad-request` for anything the agent does not write itself */
export function parseHead(head: Header): Entry {
  const { name, type } = head;
  if (name === 'end' && type === 'file') return { to: 'end', size: sizeOf(head, 1024) };
  if (name.startsWith('logs/') && type === 'file' && isLogPath(name.slice(5)))
    return { to: 'logs', path: name.slice(5), size: sizeOf(head) };
  const path = belowHome(type === 'directory' ? name.replace(/\/$/, '') : name);
  const mode = head.mode & 0o777;
  switch (type) {
    case 'directory':
      return { to: 'home', kind: 'folder', path, mode };
    case 'file':
      return { to: 'home', kind: 'file', path, mode, mtime: mtimeOf(head), size: sizeOf(head) };
    case 'symlink':
      return { to: 'home', kind: 'link', path, target: targetOf(head) };
    case 'link':
      return { to: 'home', kind: 'name', path, of: belowHome(String(head.linkname)) };
    default:
      throw damaged(`it holds a ${String(type)}`);
  }
}

function belowHome(name: string): string {
  if (!name.startsWith('home/')) throw damaged('a name in it does not stand in a home');
  const path = name.slice(5);
  const parts = path.split('/');
  const good =
    path.length <= LONGEST_PATH &&
    !path.includes('\0') &&
    parts.every(
      (part) => part !== '' && part !== '.' && part !== '..' && Buffer.byteLength(part) <= LONGEST_NAME,
    );
  if (!good) throw damaged('a name in it leads elsewhere');
  return path;
}

/** Where it points may be anywhere, as in the home it came from: links are made last, and never followed here. */
function targetOf({ linkname }: Header): string {
  if (!linkname || linkname.length > LONGEST_PATH || linkname.includes('\0'))
    throw damaged('a link in it has no proper target');
  return linkname;
}

function sizeOf({ size }: Header, most = Number.MAX_SAFE_INTEGER): number {
  if (!Number.isSafeInteger(size) || size < 0 || size > most) throw damaged('a size in it is wrong');
  return size;
}

function mtimeOf({ mtime }: Header): number {
  const seconds = Math.floor(mtime.getTime() / 1000);
  return Number.isFinite(seconds) ? Math.max(0, seconds) : 0;
}

export function damaged(how: string, cause?: unknown): Refusal {
  return new Refusal('bad-request', `This saved home cannot be used: ${how}.`, { cause });
}
