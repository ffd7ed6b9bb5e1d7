/** Files to a `.tar.gz`: the same files give the same bytes. */
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';

export interface TakenFile {
  /** POSIX, relative to the archive's one folder */
  readonly path: string;
  readonly content: string | Buffer;
  readonly executable?: boolean;
}

/** @param folder the one that everything unpacks into. @param out overwritten where it is there */
export async function writeArchive(out: string, folder: string, files: readonly TakenFile[]): Promise<void> {
  const tar = pack();
  const written = pipeline(tar, createGzip({ level: 9 }), createWriteStream(out));
  for (const { path, content, executable = false } of files)
    tar.entry({ name: `${folder}/${path}`, mode: executable ? 0o755 : 0o644, mtime: new Date(0) }, content);
  tar.finalize();
  await written;
}
