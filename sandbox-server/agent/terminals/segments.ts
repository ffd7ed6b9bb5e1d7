/**
 * A terminal's log on disk: files named by the offset of their first byte, oldest dropped past the bound.
 * `records.jsonl` beside them holds resizes and exits at their offsets. Everything can be found again by a new agent.
 */
import fs from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open, rm, appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Size } from '../../contract/terminal.ts';
import { errnoOf } from '../refusal.ts';

export const SEGMENT = 4 * 1024 * 1024;
/** the promise: at least this much of each terminal is exact (finding 4) */
export const BOUND = 64 * 1024 * 1024;

export type LogRecord =
  | { readonly offset: number; readonly type: 'resize'; readonly size: Size }
  | { readonly offset: number; readonly type: 'exit'; readonly code: number };

interface Segment {
  readonly start: number;
  size: number;
}
const nameOf = (start: number): string => `${String(start).padStart(15, '0')}.log`;

export class Segments {
  readonly #folder: string;
  readonly #bound: number;
  #segments: Segment[];
  #current: FileHandle | null = null;

  constructor(folder: string, bound: number, segments: Segment[]) {
    this.#folder = folder;
    this.#bound = bound;
    this.#segments = segments;
  }
  get start(): number {
    return this.#segments[0]?.start ?? 0;
  }
  get end(): number {
    const last = this.#segments.at(-1);
    return last === undefined ? 0 : last.start + last.size;
  }

  /** Append at the end; the caller has one write under way at a time. Rolls over and drops the oldest past the bound. */
  async append(chunks: readonly Buffer[], at: number): Promise<void> {
    let left = Buffer.concat(chunks);
    while (left.length > 0) {
      const segment = await this.#writable(at);
      const part = left.subarray(0, SEGMENT - segment.size);
      await writeAll(this.#current, part);
      segment.size += part.length;
      at += part.length;
      left = left.subarray(part.length);
    }
  }

  async appendRecords(records: readonly LogRecord[]): Promise<void> {
    await appendFile(
      join(this.#folder, 'records.jsonl'),
      records.map((record) => JSON.stringify(record) + '\n').join(''),
    );
  }

  /** @returns up to `max` bytes from `from`; null where the log no longer has them */
  async read(from: number, max: number): Promise<Buffer | null> {
    const segment = this.#segments.find((one) => from >= one.start && from < one.start + one.size);
    if (segment === undefined) return null;
    const length = Math.min(max, segment.start + segment.size - from);
    try {
      await using file = await open(join(this.#folder, nameOf(segment.start)), 'r');
      const { bytesRead, buffer } = await file.read(
        Buffer.allocUnsafe(length),
        0,
        length,
        from - segment.start,
      );
      return bytesRead === 0 ? null : buffer.subarray(0, bytesRead);
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return null; // dropped past the bound while we looked
      throw error;
    }
  }

  /** Give up all that is on disk (it is full, or failed) and go on at `at`. */
  async restart(at: number): Promise<void> {
    await this.close();
    const old = this.#segments;
    this.#segments = [{ start: at, size: 0 }];
    for (const segment of old) await rm(join(this.#folder, nameOf(segment.start)), { force: true });
  }

  async close(): Promise<void> {
    const file = this.#current;
    this.#current = null;
    await file?.close();
  }

  async #writable(at: number): Promise<Segment> {
    const last = this.#segments.at(-1);
    if (last !== undefined && last.size < SEGMENT && this.#current !== null) return last;
    await this.close();
    const segment = last !== undefined && last.size < SEGMENT ? last : { start: at, size: 0 };
    this.#current = await open(join(this.#folder, nameOf(segment.start)), 'a', 0o600);
    if (segment !== last) {
      this.#segments.push(segment);
      await this.#dropOldest();
    }
    return segment;
  }

  async #dropOldest(): Promise<void> {
    while (this.#segments.length > 1 && this.end - (this.#segments[1]?.start ?? 0) >= this.#bound) {
      const oldest = this.#segments.shift();
      if (oldest !== undefined) await rm(join(this.#folder, nameOf(oldest.start)), { force: true });
    }
  }
}

async function writeAll(file: FileHandle | null, bytes: Buffer): Promise<void> {
  if (file === null) throw new Error('the log is closed');
  let done = 0;
  while (done < bytes.length) done += (await file.write(bytes, done)).bytesWritten;
}

/**
 * What an earlier agent left. Synchronous (some tenths of a ms): a terminal's first hello waits for it.
 * Segments that do not follow each other without a gap are dropped, a torn last record line is ignored.
 */
export function findSegments(folder: string, bound: number): { segments: Segments; records: LogRecord[] } {
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  const all = fs
    .readdirSync(folder)
    .filter((name) => /^\d{15}\.log$/.test(name))
    .sort()
    .map((name) => ({ start: Number(name.slice(0, 15)), size: fs.statSync(join(folder, name)).size }));
  const whole = all.filter((_, i) =>
    all.slice(i).every((one, k, rest) => k === 0 || follows(rest[k - 1], one)),
  );
  const segments = new Segments(folder, bound, whole);
  const records = readRecords(join(folder, 'records.jsonl')).filter(
    (record) => record.offset <= segments.end,
  );
  return { segments, records };
}

function follows(before: Segment | undefined, next: Segment): boolean {
  return before !== undefined && before.start + before.size === next.start;
}

function readRecords(file: string): LogRecord[] {
  if (!fs.existsSync(file)) return [];
  return fs.readFileSync(file, 'utf8').split('\n').flatMap(parseRecord);
}

function parseRecord(line: string): LogRecord[] {
  const match =
    /^\{"offset":(\d+),"type":"(?:(resize)","size":\{"cols":(\d+),"rows":(\d+)\}|(exit)","code":(-?\d+))\}$/.exec(
      line,
    );
  if (match === null) return [];
  const offset = Number(match[1]);
  if (match[2] === 'resize')
    return [{ offset, type: 'resize', size: { cols: Number(match[3]), rows: Number(match[4]) } }];
  return [{ offset, type: 'exit', code: Number(match[6]) }];
}
