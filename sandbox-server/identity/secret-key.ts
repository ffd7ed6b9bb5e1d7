/** A random key in a file that only the server's own user may read; made at the first start. */
import { randomBytes } from 'node:crypto';
import { chmod, link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

const KEY_BYTES = 32;

/** @returns the 32 bytes of `file`. Two starting servers get the same ones. Throws where the file holds something else. */
export async function secretKeyAt(file: string): Promise<Buffer> {
  const text = await keptAt(file, () => Promise.resolve(randomBytes(KEY_BYTES).toString('base64')));
  const key = Buffer.from(text, 'base64');
  if (key.length !== KEY_BYTES)
    throw new Error(
      `${file} does not hold a key of ${KEY_BYTES} bytes: restore it, or remove it and have everybody sign in again`,
    );
  return key;
}

/**
 * The text of `file`, made by `make` where it is absent: written under another name and linked, so that nobody
 * ever reads half of it and the first writer wins. The file is 0600, its folder is made 0700.
 */
export async function keptAt(file: string, make: () => Promise<string>): Promise<string> {
  const kept = await textOf(file);
  if (kept !== null) return kept;
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  await writeFile(draft, await make(), { mode: 0o600, flag: 'wx' });
  await chmod(draft, 0o600);
  await link(draft, file)
    .catch(unlessCode('EEXIST'))
    .finally(() => unlink(draft));
  return readFile(file, 'utf8');
}

async function textOf(file: string): Promise<string | null> {
  return readFile(file, 'utf8')
    .catch(unlessCode('ENOENT'))
    .then((text) => text ?? null);
}

function unlessCode(code: string): (error: NodeJS.ErrnoException) => undefined {
  return (error) => {
    if (error.code !== code) throw error;
  };
}
