/**
 * A lesson's files laid into the home: written where nothing stands, left alone where they are as given, and where the
 * learner changed one, laid beside it as `name.new`. Nothing of theirs is ever overwritten, unless a reset says so.
 */
import type { GivenFiles } from '../../contract/agent.ts';
import { Refusal, errnoOf } from '../refusal.ts';
import { ensureFolder, parentOf } from './change.ts';
import { homePath } from './inside.ts';
import type { Home } from './inside.ts';
import { writeFile } from './write.ts';

const MOST_FILES = 2000;

export interface GivenFile {
  readonly path: string;
  readonly content: Buffer;
  readonly executable: boolean;
}

export async function giveFiles(
  home: Home,
  files: readonly GivenFile[],
  overwrite: boolean,
): Promise<GivenFiles> {
  const given: GivenFiles = { written: [], kept: [], asNew: [] };
  for (const file of files) {
    await ensureFolder(home, parentOf(file.path));
    const standing = overwrite ? null : await contentOf(home, file.path, file.content.length);
    if (standing === null) given.written.push(await lay(home, file, file.path));
    else if (standing !== 'other' && standing.equals(file.content)) given.kept.push(file.path);
    else given.asNew.push(await lay(home, file, `${file.path}.new`));
  }
  return given;
}

async function lay(home: Home, { content, executable }: GivenFile, path: string): Promise<string> {
  await writeFile(home, path, content, {}, executable);
  return path;
}

/** What stands there: null for nothing, its bytes where they may be the same, `other` where length or kind differ already. */
async function contentOf(home: Home, path: string, length: number): Promise<Buffer | 'other' | null> {
  try {
    await using file = await home.file(path);
    if ((await file.stat()).size !== length) return 'other';
    return await file.readFile();
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    if (error instanceof Refusal) return 'other';
    throw error;
  }
}

/** Files of a request, base64 decoded. */
export function parseFiles(list: unknown, most = MOST_FILES): GivenFile[] {
  if (!Array.isArray(list) || list.length > most)
    throw new Refusal('bad-request', 'The files do not fit the contract.');
  return list.map((one: unknown) => {
    const { path, content, executable } = (typeof one === 'object' && one !== null ? one : {}) as Record<
      string,
      unknown
    >;
    if (typeof content !== 'string' || path === '')
      throw new Refusal('bad-request', 'The files do not fit the contract.');
    return { path: homePath(path), content: Buffer.from(content, 'base64'), executable: executable === true };
  });
}
