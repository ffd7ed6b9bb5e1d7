/**
 * Which sandbox a lab has, one file a lab (finding 11: idempotency reaches the driver). The file appears whole
 * and exclusively (`link` fails where it stands), so two claims of one lab cannot both win, whatever dies when.
 */
import { link, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Id } from '../../contract/names.ts';

/** @returns the sandbox that has the lab now: `sandbox`, or the one that was first */
export async function writeClaim(claims: string, lab: string, sandbox: string): Promise<string> {
  const temporary = join(claims, `.${sandbox}`);
  await writeFile(temporary, sandbox);
  try {
    await link(temporary, join(claims, lab));
    return sandbox;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return Id.parse(await readFile(join(claims, lab), 'utf8'));
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Lab by sandbox. */
export async function readClaims(claims: string): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const lab of await readdir(claims)) {
    const sandbox = Id.safeParse(lab).success ? await sandboxOf(join(claims, lab)) : null;
    if (sandbox !== null) found.set(sandbox, lab);
  }
  return found;
}

/** @returns null where the claim ended between being listed and being read */
async function sandboxOf(claim: string): Promise<string | null> {
  try {
    return Id.parse(await readFile(claim, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

export async function removeClaim(claims: string, lab: string): Promise<void> {
  await rm(join(claims, lab), { force: true });
}
