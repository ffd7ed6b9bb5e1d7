/**
 * Terminal logs travel with the home, so that the scrollback is there after a restore. Only what the agent itself would
 * look for in the folder of logs goes in, and only that comes out again.
 */
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { TerminalNamePattern } from '../http/names.ts';
import { errnoOf } from '../refusal.ts';

/** bytes of all logs in one snapshot; the newest segments (of 4 MiB) are kept */
export const LOG_BYTES = 128 * 1024 * 1024;
const COMMANDS = 'commands.jsonl';
const SEGMENT = /^\d{15}\.log$/;
const RECORDS = 'records.jsonl';

export interface LogFile {
  /** below the folder of logs */
  readonly path: string;
  readonly mtime: number;
  readonly size: number;
}

/** Whether this is the path of a log: the only ones that a restore writes. */
export function isLogPath(path: string): boolean {
  if (path === COMMANDS) return true;
  const [terminal = '', name = '', ...more] = path.split('/');
  if (more.length > 0 || !TerminalNamePattern.test(terminal)) return false;
  return SEGMENT.test(name) || name === RECORDS;
}

/** Segments before records: a resize whose byte is not in the copy is passed over, a byte without its resize is wrong. */
export async function findLogs(folder: string): Promise<LogFile[]> {
  const terminals = await namesIn(folder);
  const inside = await Promise.all(
    terminals.map(async (terminal) =>
      (await namesIn(join(folder, terminal))).map((name) => `${terminal}/${name}`),
    ),
  );
  const paths = [...inside.flat(), ...terminals].filter(isLogPath);
  const files = (await Promise.all(paths.map((path) => look(folder, path)))).filter((one) => one !== null);
  return newest(files).sort((a, b) => rank(a) - rank(b) || (a.path < b.path ? -1 : 1));
}

const rank = ({ path }: LogFile): number => (path.endsWith('.log') ? 0 : 1);

/** A terminal's segments must follow each other, so its old ones go before its new ones. */
function newest(files: readonly LogFile[]): LogFile[] {
  let left = LOG_BYTES;
  const byAge = files.toSorted(
    (a, b) => rank(b) - rank(a) || b.mtime - a.mtime || (a.path < b.path ? 1 : -1),
  );
  const full = new Set<string>();
  return byAge.filter(({ path, size }) => {
    const terminal = path.slice(0, path.indexOf('/') + 1);
    if (size > left) full.add(terminal);
    if (full.has(terminal) && path.endsWith('.log')) return false;
    left -= size;
    return true;
  });
}

async function look(folder: string, path: string): Promise<LogFile | null> {
  try {
    const stats = await lstat(join(folder, path));
    return stats.isFile() ? { path, mtime: stats.mtimeMs, size: stats.size } : null;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errnoOf(error))) return null;
    throw error;
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(errnoOf(error))) return [];
    throw error;
  }
}
