/** Short access tokens as 0600 files. Their folder and the default's path are fixed from the start, so that a shell opened earlier finds a token that came later. */
import fs from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isText } from './claim.ts';
import { Refusal } from './refusal.ts';

const PREFERRED = '/run/palestra/tokens';

export interface TokenFiles {
  /** what BEARER_TOKEN_FILE names */
  readonly defaultPath: string;
  put(body: Record<string, unknown>): Promise<void>;
}

/** @param beside where tokens go if the driver made no folder in memory */
export function createTokenFiles(beside: string): TokenFiles {
  const folder = fs.existsSync(PREFERRED) ? PREFERRED : join(beside, 'tokens');
  return {
    defaultPath: join(folder, 'default'),
    async put(body) {
      const tokens = parseTokens(body);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      for (const { name, token } of tokens) await replace(join(folder, name), token);
    },
  };
}

/** A reader sees the old token or the new one, never half of one (T59). */
async function replace(path: string, token: string): Promise<void> {
  await writeFile(`${path}.new`, token, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

function parseTokens(body: Record<string, unknown>): { name: string; token: string }[] {
  const list: unknown = body['tokens'];
  if (!Array.isArray(list) || list.length > 16)
    throw new Refusal('bad-request', 'The tokens do not fit the contract.');
  return list.map((one: unknown) => {
    const { name, token } = (typeof one === 'object' && one !== null ? one : {}) as Record<string, unknown>;
    if (!isText(name, 40) || !/^[a-z0-9-]+$/.test(name) || !isText(token, 16384)) {
      throw new Refusal('bad-request', 'The tokens do not fit the contract.');
    }
    return { name, token };
  });
}
