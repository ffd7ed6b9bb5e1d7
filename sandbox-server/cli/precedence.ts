/**
 * The server goes before what learners run: a relayed keystroke is a few microseconds of work that must not wait behind a
 * class's programs. The session is raised, not the process: sandboxes begin sessions of their own and do not inherit it.
 */
import { writeFileSync } from 'node:fs';

/** A weight of about 28 programs, where sandboxes together weigh 16 (bounds/find.ts). */
const SESSION_NICENESS = '-15';

/** @returns whether the kernel agreed; without root it does not, and the server runs as any program. */
export function goFirst(file = '/proc/self/autogroup'): boolean {
  try {
    writeFileSync(file, SESSION_NICENESS, { flag: 'r+' });
    return true;
  } catch (error) {
    // not root; a kernel that has no session groups, or has them switched off
    if (['EPERM', 'EACCES', 'ENOENT', 'EINVAL'].includes((error as NodeJS.ErrnoException).code ?? ''))
      return false;
    throw error;
  }
}
