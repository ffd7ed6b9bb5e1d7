/**
 * A file's version: inode, time of change in ns, size. Not a hash: a save makes a new inode by its rename, so two saves
 * never share a tag, and a change event can carry it without reading a gigabyte.
 */
import type { BigIntStats } from 'node:fs';

export function etagOf(stats: BigIntStats): string {
  return `"${stats.ino.toString(36)}-${stats.mtimeNs.toString(36)}-${stats.size.toString(36)}"`;
}
