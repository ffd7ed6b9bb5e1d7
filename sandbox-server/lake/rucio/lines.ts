/** Rucio's lists: one JSON value a line, read as they come and bounded in number and bytes. */
import type { Readable } from 'node:stream';
import { LakeOut, down, misbehaved } from '../trouble.ts';

/** A list is ordered by us, so all of it is read, up to here; beyond, what is shown is a part. */
export const BOUNDS = { lines: 5000, bytes: 4 * 1024 * 1024 } as const;

export interface Lines {
  readonly lines: readonly unknown[];
  /** there was more than the bounds allow */
  readonly cut: boolean;
}

/** Reads a body to its end or its bound, and ends it. Throws LakeOut where it breaks off or is no JSON. */
export async function readLines(
  body: Readable,
  bounds: { lines: number; bytes: number } = BOUNDS,
): Promise<Lines> {
  const lines: unknown[] = [];
  const decoder = new TextDecoder();
  let [rest, bytes] = ['', 0];
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      const texts = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = texts.pop() ?? '';
      for (const text of texts) {
        if (lines.length >= bounds.lines) return { lines, cut: true };
        if (text.trim() !== '') lines.push(parsed(text));
      }
      if (bytes > bounds.bytes) return { lines, cut: true };
    }
  } catch (error) {
    if (error instanceof LakeOut) throw error;
    // a stream that fails in its middle is a server that failed in its middle: its status was sent long ago
    throw new LakeOut(down('its answer broke off'), { cause: error });
  } finally {
    body.destroy();
  }
  if (rest.trim() !== '') lines.push(parsed(rest));
  return { lines, cut: false };
}

/** Python writes a quota without bound as `Infinity`, which is no JSON. */
const ENDLESS = /(:\s*)Infinity(?=\s*[,}])/g;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text.includes('Infinity') ? text.replace(ENDLESS, '$1null') : text);
  } catch (error) {
    if (error instanceof SyntaxError)
      throw new LakeOut(misbehaved('a list that is no JSON'), { cause: error });
    throw error;
  }
}
