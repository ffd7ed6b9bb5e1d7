/**
 * Faults as files, `RSE/LOGIN/KIND.json`: what a learner has set is one file each, written whole or not at all, so
 * gates that start anew find them and two who set at once do not undo each other. A gate looks at each request: one
 * folder that is not there, for everybody who has set nothing.
 */
import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { Login } from '../../../sandbox-server/contract/names.ts';
import { FAULT_KINDS, StandingFault, type FaultKind } from './fault.ts';

/** One learner at one element. */
export interface Whose {
  readonly rse: string;
  readonly user: string;
}

export async function readFaults(folder: string, whose: Whose): Promise<readonly StandingFault[]> {
  const found: StandingFault[] = [];
  for (const name of await entriesOf(folderOf(folder, whose))) {
    const kind = FAULT_KINDS.find((one) => name === `${one}.json`);
    // the rest is half-written files of somebody who writes just now
    const text = kind === undefined ? null : await textOf(join(folderOf(folder, whose), name));
    if (text !== null) found.push(StandingFault.parse(JSON.parse(text)));
  }
  return found;
}

export async function writeFault(folder: string, whose: Whose, standing: StandingFault): Promise<void> {
  const at = folderOf(folder, whose);
  await mkdir(at, { recursive: true, mode: 0o755 });
  const temporary = join(at, `.${randomBytes(6).toString('hex')}`);
  await writeFile(temporary, JSON.stringify(standing), { mode: 0o644 });
  await rename(temporary, join(at, `${standing.fault.kind}.json`));
}

/** Ends one kind, or all of them. @returns how many there were */
export async function removeFaults(folder: string, whose: Whose, kind?: FaultKind): Promise<number> {
  const before = (await entriesOf(folderOf(folder, whose))).filter(
    (name) => name.endsWith('.json') && (kind === undefined || name === `${kind}.json`),
  );
  const at = folderOf(folder, whose);
  await rm(kind === undefined ? at : join(at, `${kind}.json`), { recursive: true, force: true });
  return before.length;
}

/** Everybody who has set something at an element. */
export async function usersWithFaults(folder: string, rse: string): Promise<readonly string[]> {
  return (await entriesOf(join(folder, Rse.parse(rse)))).filter((name) => Login.safeParse(name).success);
}

/** names become folders: nothing but names may */
const Rse = z.string().regex(/^[A-Z][A-Z0-9_]{0,60}$/);

function folderOf(folder: string, { rse, user }: Whose): string {
  return join(folder, Rse.parse(rse), Login.parse(user));
}

async function entriesOf(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch((error: unknown) => absent(error, []));
}
async function textOf(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch((error: unknown) => absent(error, null));
}
function absent<T>(error: unknown, value: T): T {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return value;
  throw error;
}
