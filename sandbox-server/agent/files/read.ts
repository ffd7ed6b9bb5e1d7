/** A file's bytes on their way out: its tag, its length, and whether an editor can open it. */
import type { FileHandle } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { Refusal, errnoOf } from '../refusal.ts';
import { etagOf } from './etag.ts';
import type { Home } from './inside.ts';

/** contract/files.ts */
const EDITOR_LIMIT = 10 * 1024 * 1024;
const UPLOAD_LIMIT = 1024 * 1024 * 1024;
const LOOK_AT = 8 * 1024;

/** Streams the file; exactly as many bytes as announced, so that a file growing meanwhile spoils nothing. */
export async function sendFile(home: Home, path: string, response: ServerResponse): Promise<void> {
  await using file = await home.file(path);
  const stats = await file.stat({ bigint: true });
  const size = Number(stats.size);
  if (size > UPLOAD_LIMIT)
    throw new Refusal(
      'too-large',
      `${path} has ${(size / 1024 ** 3).toFixed(1)} GiB; at most 1 GiB can be sent at a time.`,
    );
  const kind = size > EDITOR_LIMIT || (await looksBinary(file)) ? 'binary' : 'text';
  response.writeHead(200, {
    'content-type': 'application/octet-stream',
    'content-length': size,
    etag: etagOf(stats),
    'x-palestra-kind': kind,
  });
  if (size === 0) return void response.end();
  try {
    await pipeline(
      file.createReadStream({ start: 0, end: size - 1, autoClose: false, highWaterMark: 256 * 1024 }),
      response,
    );
  } catch (error) {
    if (errnoOf(error) !== 'ERR_STREAM_PREMATURE_CLOSE') throw error; // the reader went away: nobody to tell
  }
}

async function looksBinary(file: FileHandle): Promise<boolean> {
  const { bytesRead, buffer } = await file.read(Buffer.alloc(LOOK_AT), 0, LOOK_AT, 0);
  return buffer.subarray(0, bytesRead).includes(0);
}
