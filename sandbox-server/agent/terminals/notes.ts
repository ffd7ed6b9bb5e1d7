/**
 * Messages that stand at a place in the stream: each is sent when a client's stream reaches its offset. Lasting ones
 * (resize, exit) are replayed; passing ones (prompt, command, …) only reach clients attached when they happened.
 */
import type { FromAgent } from '../../contract/terminal.ts';
import type { LogRecord } from './segments.ts';

export interface Note {
  readonly offset: number;
  readonly message: FromAgent;
  readonly lasting: boolean;
}
/** far more than any client is behind in commands; a flood of resizes by a client must not fill memory */
const MOST = 8192;

export class Notes {
  #first = 0;
  #notes: Note[] = [];

  /** @param records what an earlier agent left */
  constructor(records: readonly LogRecord[]) {
    for (const record of records) this.add(record.offset, messageOf(record), true);
  }
  /** number of the next note */
  get next(): number {
    return this.#first + this.#notes.length;
  }

  add(offset: number, message: FromAgent, lasting: boolean): void {
    this.#notes.push({ offset, message, lasting });
    if (this.#notes.length <= MOST) return;
    this.#notes.splice(0, MOST / 4);
    this.#first += MOST / 4;
  }

  /** @returns the first note at or after number `from`, with its number; null: none */
  from(from: number): { number: number; note: Note } | null {
    const number = Math.max(from, this.#first);
    const note = this.#notes[number - this.#first];
    return note === undefined ? null : { number, note };
  }

  /** number of the first note at or after this offset */
  at(offset: number): number {
    let low = 0;
    let high = this.#notes.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#notes[middle]?.offset ?? Infinity) < offset) low = middle + 1;
      else high = middle;
    }
    return this.#first + low;
  }
}

function messageOf(record: LogRecord): FromAgent {
  return record.type === 'resize'
    ? { type: 'resize', size: record.size }
    : { type: 'exit', code: record.code };
}
