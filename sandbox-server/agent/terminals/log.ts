/**
 * A terminal as an append-only log with absolute byte offsets: a tail in memory, segments on disk, and records of
 * resizes and exits at their offsets. Appending never waits; writes to disk are batched behind it.
 */
import type { Size } from '../../contract/terminal.ts';
import { BOUND, findSegments } from './segments.ts';
import type { LogRecord, Segments } from './segments.ts';
import { Tail } from './tail.ts';

/** kept in memory for clients that keep up */
export const TAIL = 1024 * 1024;
/** one write to disk at the latest after so many ms, at once from so many bytes */
const DELAY = 20;
const BATCH = 256 * 1024;
/** the program waits while the disk is so far behind */
const FAR_BEHIND = 4 * 1024 * 1024;
const RETRY = 2000;

export interface LogOptions {
  readonly bound?: number;
  /** the disk refused: the sentence is for the learner */
  readonly onTrouble?: (error: unknown) => void;
  /** the disk has caught up again after `farBehind` */
  readonly onCaughtUp?: () => void;
}

export class TerminalLog {
  /** resizes and exits, in order; those of dropped segments go with them */
  readonly records: LogRecord[];
  readonly #segments: Segments;
  readonly #tail: Tail;
  readonly #options: LogOptions;
  #written: number;
  #unsaved: LogRecord[] = [];
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> | null = null;
  #closed = false;
  #wasFarBehind = false;

  /** @param folder the terminal's own; made if absent, found again if not */
  constructor(folder: string, options: LogOptions = {}) {
    const { segments, records } = findSegments(folder, options.bound ?? BOUND);
    this.#segments = segments;
    this.records = records;
    this.#tail = new Tail(segments.end);
    this.#written = segments.end;
    this.#options = options;
  }
  /** offset of the oldest byte that can still be read */
  get start(): number {
    return this.#written > this.#segments.start ? this.#segments.start : this.#tail.start;
  }
  get end(): number {
    return this.#tail.end;
  }
  get farBehind(): boolean {
    return this.end - this.#written > FAR_BEHIND;
  }

  append(chunk: Buffer): void {
    this.#tail.append(chunk);
    this.#plan();
  }

  record(record: LogRecord): void {
    this.records.push(record);
    this.#unsaved.push(record);
    this.#plan();
  }

  /** The size of the pty when the byte at `offset` was printed. */
  sizeAt(offset: number, otherwise: Size): Size {
    let size = otherwise;
    for (const record of this.records) {
      if (record.offset > offset) break;
      if (record.type === 'resize') size = record.size;
    }
    return size;
  }

  /** Bytes in memory, at most `max`, without copying; null: ask `read`. */
  tail(from: number, max: number): Buffer | null {
    return this.#tail.slice(from, max);
  }

  /** @returns bytes from disk or memory, at least one, at most `max`; null where the log has them no more */
  async read(from: number, max: number): Promise<Buffer | null> {
    return (
      this.#tail.slice(from, max) ?? (await this.#segments.read(from, max)) ?? this.#tail.slice(from, max)
    );
  }

  /** Everything written that was appended before the call. */
  async flush(): Promise<void> {
    this.#cancel();
    while (this.#writing !== null) await this.#writing;
    await this.#write();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.flush();
    await this.#segments.close();
  }

  #plan(): void {
    if (this.#closed || this.#writing !== null) return;
    if (this.end - this.#written >= BATCH) this.#begin();
    else this.#timer ??= setTimeout(() => this.#begin(), DELAY);
  }

  #cancel(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #begin(): void {
    this.#cancel();
    this.#writing = this.#write().finally(() => {
      this.#writing = null;
      if (this.end > this.#written || this.#unsaved.length > 0) this.#plan();
      this.#tellCaughtUp();
    });
  }

  async #write(): Promise<void> {
    const at = this.#written;
    const end = this.end;
    const records = this.#unsaved;
    try {
      if (end > at) await this.#segments.append(this.#between(at, end), at);
      this.#written = end;
      if (records.length > 0) await this.#segments.appendRecords(records);
      this.#unsaved = this.#unsaved.slice(records.length);
    } catch (error) {
      await this.#survive(error);
    }
    this.#trim();
  }

  #between(from: number, end: number): Buffer[] {
    const chunks: Buffer[] = [];
    for (let at = from; at < end;) {
      const chunk = this.#tail.slice(at, end - at);
      if (chunk === null) throw new RangeError(`byte ${at} left memory before it was written`);
      chunks.push(chunk);
      at += chunk.length;
    }
    return chunks;
  }

  /** A full disk must not end a terminal: what is on disk is given up (which frees it), memory goes on, and we try again. */
  async #survive(error: unknown): Promise<void> {
    this.#options.onTrouble?.(error);
    this.#written = Math.max(this.#written, this.end - TAIL);
    await this.#segments.restart(this.#written).catch((again: unknown) => this.#options.onTrouble?.(again));
    await new Promise((resolve) => setTimeout(resolve, this.#closed ? 0 : RETRY));
  }

  #trim(): void {
    this.#tail.release(Math.min(this.#written, this.end - TAIL));
    const start = this.#segments.start;
    while ((this.records[1]?.offset ?? Infinity) < start) this.records.shift();
    if (this.farBehind) this.#wasFarBehind = true;
  }

  #tellCaughtUp(): void {
    if (!this.#wasFarBehind || this.farBehind) return;
    this.#wasFarBehind = false;
    this.#options.onCaughtUp?.();
  }
}
