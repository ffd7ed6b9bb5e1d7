/** Snapshots for tests: taken whole from an agent, and ones that no agent would make. */
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { zstdCompressSync } from 'node:zlib';
import { pack as tarPack } from 'tar-stream';
import type { Header } from 'tar-stream';
import type { HomeBounds, RestoredHome, SnapshotSummary } from '../../../contract/agent.ts';
import type { HomeLink } from '../../../sandboxes/agent-link.ts';

export const BOUNDS: HomeBounds = { bytes: 256 * 1024 * 1024, entries: 20_000 };

export async function take(
  link: HomeLink,
  bounds = BOUNDS,
): Promise<{ bytes: Buffer; summary: SnapshotSummary }> {
  const snapshot = await link.snapshot(bounds);
  const bytes = await buffer(snapshot.body);
  return { bytes, summary: snapshot.summary() };
}

/** In pieces, as a network brings it. */
export function put(link: HomeLink, bytes: Buffer, bounds = BOUNDS): Promise<RestoredHome> {
  const pieces = Array.from({ length: Math.ceil(bytes.length / 65_536) }, (_, i) =>
    bytes.subarray(i * 65_536, (i + 1) * 65_536),
  );
  return link.restore(Readable.from(pieces), bounds);
}

export type Forged = Partial<Header> & { readonly name: string; readonly content?: Buffer };
/** Any tar at all, compressed as a snapshot is. @param end null: without it */
export async function forge(entries: readonly Forged[], end: object | null = { files: 0 }): Promise<Buffer> {
  const pack = tarPack();
  const whole = buffer(Readable.from(pack as AsyncIterable<Buffer>));
  const all =
    end === null ? entries : [...entries, { name: 'end', content: Buffer.from(JSON.stringify(end)) }];
  for (const { content, ...head } of all)
    await new Promise<void>((resolve, reject) => {
      const done = (error?: Error | null): void => (error ? reject(error) : resolve());
      if (content === undefined) pack.entry(head, done).end(null);
      else pack.entry({ type: 'file', ...head }, content, done);
    });
  pack.finalize();
  return zstdCompressSync(await whole);
}
