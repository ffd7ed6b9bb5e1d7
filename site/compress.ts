/**
 * Writes `.br` and `.gz` beside every file of the built site that gains by it, so that the server compresses
 * nothing while learners wait. Called after a build: `await compress('dist')`.
 */
import { readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const worthIt = new Set(['.html', '.css', '.js', '.mjs', '.svg', '.json', '.xml', '.txt', '.webmanifest']);
/** below this the headers weigh more than what is gained */
const smallest = 256;
/** Brotli's best quality costs 30 s on Monaco's megabytes for 4 %; above this size the second best is taken. */
const large = 512 * 1024;

const brotlied = promisify(brotliCompress);
const gzipped = promisify(gzip);

export interface Compressed {
  readonly files: number;
  /** bytes of those files, and of their Brotli twins */
  readonly before: number;
  readonly after: number;
}

/**
 * @param dist folder of the built site
 * @returns what was written now; a twin as new as its file is left alone, so a second call costs little.
 */
export async function compress(dist: string): Promise<Compressed> {
  let total: Compressed = { files: 0, before: 0, after: 0 };
  const entries = await readdir(dist, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    if (!entry.isFile() || !worthIt.has(extname(entry.name))) continue;
    const one = await compressFile(join(entry.parentPath, entry.name));
    if (one !== null)
      total = { files: total.files + 1, before: total.before + one.before, after: total.after + one.after };
  }
  return total;
}

async function compressFile(path: string): Promise<{ before: number; after: number } | null> {
  const { size, mtime } = await stat(path);
  if (size < smallest || (await isFresh(path, mtime))) return null;
  const content = await readFile(path);
  const [br, gz] = await Promise.all([
    brotlied(content, brotliOptions(size)),
    gzipped(content, { level: 9 }),
  ]);
  // a twin carries its file's time: equal times mean that it is of this very content
  await Promise.all([writeTwin(`${path}.br`, br, mtime), writeTwin(`${path}.gz`, gz, mtime)]);
  return { before: size, after: br.length };
}

function brotliOptions(size: number): { params: Record<number, number> } {
  const quality = size > large ? 9 : constants.BROTLI_MAX_QUALITY;
  return { params: { [constants.BROTLI_PARAM_QUALITY]: quality, [constants.BROTLI_PARAM_SIZE_HINT]: size } };
}

async function writeTwin(path: string, content: Buffer, time: Date): Promise<void> {
  await writeFile(path, content);
  await utimes(path, time, time);
}

async function isFresh(path: string, mtime: Date): Promise<boolean> {
  const times = await Promise.all([timeOf(`${path}.br`), timeOf(`${path}.gz`)]);
  return times.every((time) => time !== null && Math.abs(time - mtime.getTime()) < 2);
}

async function timeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).mtimeMs;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
