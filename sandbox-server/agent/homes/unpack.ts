/**
 * A snapshot back into a home. It came from a learner's hands, so it may be anything: names are parsed strictly, every
 * file is made anew (O_EXCL, below a folder held open), links come last so that none can be followed, and bytes and
 * names are counted while they come (T31, T32, T36).
 */
import { constants } from 'node:fs';
import { chmod, link, lutimes, mkdir, open, rm, symlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants as zlib, createZstdDecompress } from 'node:zlib';
import { extract as tarExtract } from 'tar-stream';
import type { Extract as TarReader } from 'tar-stream';
import type { HomeBounds } from '../../contract/agent.ts';
import { ensureFolder, parentOf } from '../files/change.ts';
import { createHome } from '../files/inside.ts';
import type { Folder, Home } from '../files/inside.ts';
import { Refusal, errnoOf } from '../refusal.ts';
import { LOG_BYTES } from './logs.ts';
import { damaged, parseHead } from './layout.ts';
import type { Entry } from './layout.ts';

const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
/** 8 MiB of window: what we write needs 2, what asks for more is not ours */
const WINDOW_LOG = 23;
const ZEROS = Buffer.alloc(256 * 1024);

export interface Unpacked {
  files: number;
  bytes: number;
}
export interface Places {
  readonly home: string;
  readonly logs: string;
}

/** Into an empty home. @throws Refusal `bad-request` (damaged or forged), `too-large`, `disk-full`; the home is torn then */
export async function unpack(body: Readable, places: Places, bounds: HomeBounds): Promise<Unpacked> {
  await using into = createInto(places, bounds);
  const extract = tarExtract();
  const reading = readAll(extract, into);
  // whoever fails first ends the other, and its failure is the answer
  const [read, fed] = await Promise.allSettled([reading, feed(body, extract)]);
  for (const outcome of [fed, read])
    if (outcome.status === 'rejected' && !isEcho(outcome.reason)) throw asDamage(outcome.reason);
  if (!into.whole) throw damaged('its end is missing');
  await into.finish();
  return into.counted;
}

/** What one side says only because the other ended it. */
function isEcho(error: unknown): boolean {
  return ['ERR_STREAM_PREMATURE_CLOSE', 'ABORT_ERR'].includes(errnoOf(error));
}

/** What zlib and the tar parser say of bytes that are not ours; anything else is no fault of the snapshot. */
function asDamage(error: unknown): unknown {
  const fromTar = error instanceof Error && error.constructor === Error && errnoOf(error) === '';
  const fromZstd = /^(?:Z_|ZSTD_)/i.test(errnoOf(error));
  return fromTar || fromZstd ? damaged('it is not whole', error) : error;
}

async function feed(body: Readable, extract: TarReader): Promise<void> {
  const plain = createZstdDecompress({ params: { [zlib.ZSTD_d_windowLogMax]: WINDOW_LOG } });
  try {
    await pipeline(body, plain, async (source: AsyncIterable<Buffer>) => {
      for await (const chunk of source) if (!extract.write(chunk)) await drained(extract);
    });
    extract.end(null);
  } catch (error) {
    // as an echo: what ended it is this side's to tell
    extract.destroy(Object.assign(new Error('it ended early'), { code: 'ABORT_ERR' }));
    throw error;
  }
}

async function drained(extract: TarReader): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const closed = (): void =>
      reject(Object.assign(new Error('closed'), { code: 'ERR_STREAM_PREMATURE_CLOSE' }));
    if (extract.destroyed) return closed();
    extract.once('drain', () => {
      extract.off('close', closed);
      resolve();
    });
    extract.once('close', closed);
  });
}

async function readAll(extract: TarReader, into: Into): Promise<void> {
  try {
    for await (const entry of extract) await into.take(parseHead(entry.header), entry as unknown as Content);
  } finally {
    extract.destroy(null);
  }
}

/** of one file, to be read to its end */
type Content = AsyncIterable<Buffer>;

interface Into extends AsyncDisposable {
  readonly counted: Unpacked;
  /** its end was seen */
  readonly whole: boolean;
  take(entry: Entry, content: Content): Promise<void>;
  /** names, links and modes that had to wait */
  finish(): Promise<void>;
}

function createInto(places: Places, bounds: HomeBounds): Into {
  const home = createHome(places.home);
  const folders = createOpenFolder(home);
  const files = new Set<string>();
  const modes = new Map<string, number>();
  const links: Of<'link'>[] = [];
  const counted: Unpacked = { files: 0, bytes: 0 };
  let entries = 0;
  let logBytes = 0;
  let whole = false;

  const count = (entry: Entry): void => {
    entries += 1;
    if (entry.to === 'home' && entry.kind === 'file') counted.bytes += entry.size;
    if (entry.to === 'logs') logBytes += entry.size;
    if (entries > bounds.entries * 2 || counted.bytes > bounds.bytes || logBytes > LOG_BYTES)
      throw new Refusal('too-large', 'This saved home is larger than a home may be.');
  };
  const layFile = async (entry: Of<'file'>, content: Content): Promise<void> => {
    const folder = await folders.of(parentOf(entry.path));
    const path = folder.at(basename(entry.path));
    // a second copy of a file that changed while it was saved: the later one counts
    if (files.has(entry.path)) await rm(path);
    else counted.files += 1;
    files.add(entry.path);
    await writeNew(path, entry.mode, content, entry.size);
    await lutimes(path, entry.mtime, entry.mtime);
  };
  const layName = async (entry: Of<'name'>): Promise<void> => {
    if (!files.has(entry.of)) throw damaged('a name in it stands for no file');
    await using from = await home.folder(parentOf(entry.of));
    const to = await folders.of(parentOf(entry.path));
    await link(from.at(basename(entry.of)), to.at(basename(entry.path)));
  };

  return {
    counted,
    get whole() {
      return whole;
    },
    async take(entry, content) {
      count(entry);
      if (whole) throw damaged('something follows its end');
      if (entry.to === 'end') whole = isEnd((await through(content)).toString(), counted.files);
      else if (entry.to === 'logs') await layLog(places.logs, entry.path, content, entry.size);
      else if (entry.kind === 'file') await orTwice(layFile(entry, content));
      else {
        await through(content);
        if (entry.kind === 'link') links.push(entry);
        else if (entry.kind === 'name') await orTwice(layName(entry));
        else {
          await ensureFolder(home, entry.path);
          modes.set(entry.path, entry.mode);
        }
      }
    },
    async finish() {
      for (const { path, target } of links) {
        const folder = await folders.of(parentOf(path));
        await orTwice(symlink(target, folder.at(basename(path))));
      }
      // last, and the deepest first: nothing can be made in a folder that may not be written
      for (const [path, mode] of [...modes].toReversed()) {
        await using folder = await home.folder(path);
        await chmod(folder.at(''), mode);
      }
    },
    [Symbol.asyncDispose]: () => folders[Symbol.asyncDispose](),
  };
}

type Of<K extends string> = Extract<Entry, { readonly kind: K }>;

/** @returns all of it; only for what is known to be small */
async function through(content: Content): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Two things of one name: our own snapshots have none. */
async function orTwice(laying: Promise<void>): Promise<void> {
  try {
    await laying;
  } catch (error) {
    if (['EEXIST', 'ENOTDIR', 'EISDIR'].includes(errnoOf(error)))
      throw damaged('a name in it comes twice', error);
    throw error;
  }
}

function isEnd(said: string, files: number): boolean {
  if (said !== JSON.stringify({ files })) throw damaged('its end says another number of files');
  return true;
}

async function layLog(logs: string, path: string, content: Content, size: number): Promise<void> {
  await mkdir(join(logs, parentOf(path)), { recursive: true, mode: 0o700 });
  await orTwice(writeNew(join(logs, path), 0o600, content, size));
}

async function writeNew(path: string, mode: number, content: Content, size: number): Promise<void> {
  await using file = await open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  let at = 0;
  for await (const chunk of content) {
    await writeAt(file, chunk, at);
    at += chunk.length;
  }
  if (at !== size) throw damaged('a file in it ends early');
  await file.truncate(size);
  await file.chmod(mode);
}

/** Pieces of nothing but zeros are left as holes: a sparse file takes as little as it did. */
async function writeAt(file: FileHandle, chunk: Buffer, at: number): Promise<void> {
  if (chunk.length >= 4096 && chunk.length <= ZEROS.length && ZEROS.subarray(0, chunk.length).equals(chunk))
    return;
  for (let done = 0; done < chunk.length;)
    done += (await file.write(chunk, done, chunk.length - done, at + done)).bytesWritten;
}

/** The folder that was written to last, held open: files of one folder follow each other. */
function createOpenFolder(home: Home): AsyncDisposable & { of(path: string): Promise<Folder> } {
  let now: { path: string; folder: Folder } | null = null;
  const close = async (): Promise<void> => {
    const last = now;
    now = null;
    await last?.folder[Symbol.asyncDispose]();
  };
  return {
    async of(path) {
      if (now?.path === path) return now.folder;
      await close();
      await ensureFolder(home, path);
      now = { path, folder: await home.folder(path) };
      return now.folder;
    },
    [Symbol.asyncDispose]: close,
  };
}
