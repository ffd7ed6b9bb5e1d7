/**
 * One client of a terminal: where its stream stands, how much may be on its way, and what comes next. It only sends;
 * `session.ts` hears what the client says, `terminal.ts` decides who writes.
 */
import type { WebSocket } from 'ws';
import type { FromAgent, PromptState, Size } from '../../contract/terminal.ts';
import { Credit } from './credit.ts';
import { TAIL } from './log.ts';
import type { TerminalLog } from './log.ts';
import type { Notes } from './notes.ts';

const MESSAGE = 64 * 1024;
/** a viewer that fell behind sees this much before the live end */
const SKIP_BACK = 64 * 1024;

/** What an attachment reads: the terminal's, shared by all. */
export interface Stream {
  readonly log: TerminalLog;
  readonly notes: Notes;
  readonly prompt: PromptState;
  readonly size: Size;
}
export interface Beginning {
  readonly start: number;
  readonly dropped: number;
}

export class Attachment {
  readonly socket: WebSocket;
  /** its ticket allows writing */
  readonly mayWrite: boolean;
  /** it asked to write when it said hello, or took over since */
  wantsToWrite = false;
  writer = false;
  /** the writer gave no credit for 5 s: the program goes on without it */
  away = false;
  readonly #stream: Stream;
  #credit = new Credit(0);
  #cursor = 0;
  #note = 0;
  /** notes before this one happened before the hello */
  #fence = 0;
  #replayEnd = 0;
  /** reading from disk, or not yet welcomed */
  #held = true;

  constructor(socket: WebSocket, stream: Stream, mayWrite: boolean) {
    this.socket = socket;
    this.#stream = stream;
    this.mayWrite = mayWrite;
  }
  get cursor(): number {
    return this.#cursor;
  }
  /** sent up to the live end */
  get current(): boolean {
    return this.#cursor >= this.#stream.log.end;
  }
  get window(): number {
    return this.#credit.window;
  }

  say(message: FromAgent): void {
    if (this.socket.readyState === this.socket.OPEN) this.socket.send(JSON.stringify(message));
  }

  /** Begin (again) at `start`; what follows up to the live end of now is a replay. */
  welcome(boot: string, { start, dropped }: Beginning): void {
    const { log, notes, prompt, size } = this.#stream;
    this.#cursor = start;
    this.#credit = new Credit(start);
    this.#replayEnd = log.end;
    this.#note = notes.at(start);
    this.#fence = notes.next;
    this.#held = false;
    this.say({
      type: 'welcome',
      boot,
      start,
      end: log.end,
      dropped,
      size: log.sizeAt(start, size),
      writer: this.writer,
      prompt,
    });
  }

  hold(): void {
    this.#held = true;
  }

  /** @returns whether the credit moved */
  ack(offset: number): boolean {
    return this.#credit.ack(offset, performance.now());
  }

  /** Send what may be sent. */
  pump(): void {
    const { log } = this.#stream;
    while (!this.#held && this.socket.readyState === this.socket.OPEN) {
      this.#deliverNotes();
      const missing = log.end - this.#cursor;
      const room = this.#credit.room;
      if (missing <= 0 || room <= 0) return;
      if (this.#cursor < log.start || this.#lags(missing)) return void this.#skip();
      const max = Math.min(MESSAGE, room, this.#untilNote());
      const bytes = log.tail(this.#cursor, max);
      if (bytes === null) return void this.#readOn(max);
      this.#send(bytes);
    }
  }

  #send(bytes: Buffer): void {
    this.socket.send(bytes);
    this.#cursor += bytes.length;
    this.#credit.sent(this.#cursor, performance.now());
  }

  #untilNote(): number {
    const next = this.#stream.notes.from(this.#note);
    return next === null ? Infinity : next.note.offset - this.#cursor;
  }

  #deliverNotes(): void {
    for (;;) {
      const next = this.#stream.notes.from(this.#note);
      if (next === null || next.note.offset > this.#cursor) return;
      this.#note = next.number + 1;
      if (next.note.lasting || next.number >= this.#fence) this.say(next.note.message);
    }
  }

  async #readOn(max: number): Promise<void> {
    this.#held = true;
    const bytes = await this.#stream.log.read(this.#cursor, max);
    this.#held = false;
    if (this.socket.readyState !== this.socket.OPEN) return;
    if (bytes === null) return this.#skip();
    this.#send(bytes);
    this.pump();
  }

  /** Only live viewers lag; a replay and the writer read on from the log however long it takes. */
  #lags(missing: number): boolean {
    return !this.writer && this.#cursor >= this.#replayEnd && missing > TAIL;
  }

  async #skip(): Promise<void> {
    const { log, notes, prompt, size } = this.#stream;
    this.#held = true;
    const from = this.#cursor < log.start ? log.start : log.end - SKIP_BACK;
    const to = await lineStart(log, from);
    this.#held = false;
    this.#cursor = to;
    this.#credit.jump(to);
    this.#note = notes.at(to);
    this.say({ type: 'skip', to });
    this.say({ type: 'resize', size: log.sizeAt(to, size) });
    this.say({ type: 'prompt', prompt });
    this.pump();
  }
}

/** The first byte after a line end at or after `from`; where the next 64 KiB have none, `from` itself. */
async function lineStart(log: TerminalLog, from: number): Promise<number> {
  for (let at = from; at < from + MESSAGE;) {
    const bytes = await log.read(at, MESSAGE);
    if (bytes === null) break;
    const found = bytes.indexOf(0x0a);
    if (found >= 0) return at + found + 1;
    at += bytes.length;
  }
  return from;
}

/** bytes before the live end that `from: -1` begins with */
const SCREENFUL = 200 * 1024;

/** Where a client that wants `from` begins. `-1`: the newest; beyond the end (a log cut short by a crash): the end. */
export async function beginningOf(log: TerminalLog, from: number): Promise<Beginning> {
  if (from === -1) {
    const near = log.end - SCREENFUL;
    return { start: near <= log.start ? log.start : await lineStart(log, near), dropped: 0 };
  }
  if (from >= log.start) return { start: Math.min(from, log.end), dropped: 0 };
  const start = await lineStart(log, log.start);
  return { start, dropped: start - from };
}
