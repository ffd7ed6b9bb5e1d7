/** Stored copies, seen from below: what lies on an element's disk, whatever tokens say. For the steward alone. */
import { constants } from 'node:fs';
import { lstat, open, realpath, rm } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { Problem } from '../../../sandbox-server/contract/errors.ts';
import { Login } from '../../../sandbox-server/contract/names.ts';
import type { ElementPlace } from '../place.ts';
import { EXPORT, learnerOf, readTarget, storedPath } from './paths.ts';

/**
 * Where a learner's file lies: by its name in Rucio (`run42.root`, `user.st07:run42.root`) or by its path on the
 * element (`/rucio/user/st07/…`).
 * @throws Problem `forbidden` for what is not below that learner's folder, `bad-request` for what is no name
 */
export function pathOfCopy(user: string, name: string): string {
  if (name.startsWith('/')) return ownPath(user, name);
  const mark = name.indexOf(':');
  const scope = mark < 0 ? `user.${user}` : name.slice(0, mark);
  if (scope !== `user.${user}`)
    throw new Problem('forbidden', `${name} is not in the scope user.${user}: leave others' files alone.`);
  const path = storedPath(scope, name.slice(mark + 1));
  if (path === null) throw new Problem('bad-request', `No file can have the name ${JSON.stringify(name)}.`);
  return path;
}

function ownPath(user: string, name: string): string {
  const reading = readTarget(encodeURI(name));
  const path = reading.ok && reading.query === '' ? reading.at.path : null;
  if (path === null) throw new Problem('bad-request', `${JSON.stringify(name)} is no path of a file.`);
  if (learnerOf(path) !== user)
    throw new Problem('forbidden', `${path} is not below ${EXPORT}/user/${user}: leave others' files alone.`);
  return path;
}

/**
 * Turns over the bits of some bytes in the middle of a stored copy, as a bad disk does: the size stays. XRootD sees
 * that the file was written and computes its checksum anew, so it is the source that a transfer finds wrong.
 * @throws Problem `not-found` where there is no such copy, `unsupported` where it is empty
 */
export async function corruptFile(element: ElementPlace, path: string, bytes = 8): Promise<void> {
  const at = await insideOf(element, path);
  const file = await open(at, constants.O_RDWR | constants.O_NOFOLLOW);
  try {
    const { size, mtimeMs } = await file.stat();
    if (size === 0)
      throw new Problem('unsupported', `The copy of ${path} is empty: there is nothing in it to corrupt.`);
    const length = Math.min(bytes, size);
    const position = Math.floor((size - length) / 2);
    const found = Buffer.alloc(length);
    await file.read(found, 0, length, position);
    await file.write(
      found.map((byte) => byte ^ 0xff),
      0,
      length,
      position,
    );
    // XRootD keeps a checksum with the second of the file's last change: the same second would leave it believed
    await file.utimes(new Date(), new Date(Math.max(Date.now(), mtimeMs + 1_000)));
  } finally {
    await file.close();
  }
}

/** Removes everything that a learner has stored on an element, also what Rucio never heard of. */
export async function removeStored(element: ElementPlace, user: string): Promise<void> {
  const folder = join(element.data, EXPORT, 'user', Login.parse(user));
  await rm(folder, { recursive: true, force: true });
}

/** The file system's own word for it: nobody can make links over https, and none is followed if somebody could. */
async function insideOf(element: ElementPlace, path: string): Promise<string> {
  const at = join(element.data, path);
  try {
    const [real, root, found] = await Promise.all([realpath(at), realpath(element.data), lstat(at)]);
    if (found.isFile() && real.startsWith(root + sep)) return at;
  } catch (error) {
    if (!['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
  throw new Problem('not-found', `${element.rse} has no copy at ${path}.`);
}
