/** Numbers of a user: needed where a file changes hands. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { User } from './place.ts';

const run = promisify(execFile);

/** @throws Error where the machine has no such user; a number needs no entry in /etc/passwd */
export async function idsOf(user: NonNullable<User>): Promise<{ uid: number; gid: number }> {
  if (/^\d+$/.test(user)) return { uid: Number(user), gid: Number(user) };
  const [uid, gid] = await Promise.all([run('id', ['-u', user]), run('id', ['-g', user])]);
  return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
}
