/**
 * A terminal: a shell on a pty, its log, and who is attached. One writer, whose lack of credit may hold the program
 * back for 5 s at most; viewers read along. States of the shell move forward: none → running → exited → running …
 */
import type { FromAgent, PromptState, Size, TerminalInfo } from '../../contract/terminal.ts';
import { Attachment, beginningOf } from './attachment.ts';
import { TerminalLog } from './log.ts';
import { FRESH_START } from './fresh-start.ts';
import { createMarkReader } from './marks.ts';
import type { Mark, MarkReader } from './marks.ts';
import { Notes } from './notes.ts';
import { NEW_SHELL, isNewPrompt, readMark } from './prompt.ts';
import type { Finished, PromptReading } from './prompt.ts';
import { createRhythm } from './rhythm.ts';
import type { Rhythm } from './rhythm.ts';
import { newNonce } from './shell-integration.ts';
import { startShell } from './shell.ts';
import type { Shell } from './shell.ts';

/** ms a writer without credit may hold the program back before it counts as away */
const PATIENCE = 5000;
/** input the program does not take; past it the client is cut off */
const MOST_UNREAD = 4 * 1024 * 1024;
export interface TerminalOptions {
  readonly name: string;
  readonly boot: string;
  /** folder of its log */
  readonly folder: string;
  /** what to start, given the nonce for its marks */
  readonly command: (nonce: string) => { argv: readonly string[]; cwd: string; env: Record<string, string> };
  readonly onChange: () => void;
  readonly onCommand: (finished: Finished) => void;
  readonly onTrouble: (error: unknown) => void;
}
/** What a writer typed since the last prompt: nothing, part of a line, or a whole one that the shell has not begun yet. */
export type Typed = 'nothing' | 'text' | 'line';

export class Terminal {
  readonly name: string;
  readonly log: TerminalLog;
  readonly notes: Notes;
  size: Size = { cols: 80, rows: 24 };
  typed: Typed = 'nothing';
  readonly #options: TerminalOptions;
  readonly #attachments = new Set<Attachment>();
  readonly #rhythm: Rhythm;
  #shell: Shell | null = null;
  #marks: MarkReader = createMarkReader('');
  #reading: PromptReading = NEW_SHELL;
  /** the command a running block comes to next; while set, the prompt between two of its lines is not idle */
  #block: string | null = null;
  #writer: Attachment | null = null;
  #patience: NodeJS.Timeout | null = null;
  #waiting = new Set<(closed: boolean) => void>();
  #closed = false;

  constructor(options: TerminalOptions) {
    this.name = options.name;
    this.#options = options;
    this.log = new TerminalLog(options.folder, {
      onTrouble: options.onTrouble,
      onCaughtUp: () => this.#pump(),
    });
    this.notes = new Notes(this.log.records);
    this.size = this.log.sizeAt(this.log.end, this.size);
    this.#rhythm = createRhythm(() => this.#pump());
  }
  get prompt(): PromptState {
    const { prompt } = this.#reading;
    if (prompt.state === 'idle' && this.#block !== null)
      return { state: 'busy', command: this.#block, since: Date.now() };
    return prompt;
  }
  /** whose prompt stood last, also between two lines of a block */
  get repl(): 'python' | undefined {
    return replOf(this.#reading.prompt);
  }
  get paste(): boolean {
    return this.#reading.paste;
  }
  get info(): TerminalInfo {
    return { name: this.name, prompt: this.prompt, end: this.log.end };
  }
  get running(): boolean {
    return this.#shell !== null;
  }
  get pid(): number | null {
    return this.#shell?.pid ?? null;
  }
  get attached(): number {
    return this.#attachments.size;
  }

  // --- the shell ---

  /** Start a shell if none runs. */
  start(size: Size = this.size): void {
    if (this.#shell !== null || this.#closed) return;
    if (this.log.end > 0) this.#append(FRESH_START);
    const nonce = newNonce();
    this.#marks = createMarkReader(nonce);
    this.#reading = NEW_SHELL;
    this.typed = 'nothing';
    this.#recordSize(size);
    this.#shell = startShell({
      ...this.#options.command(nonce),
      size,
      onData: (chunk) => this.#heard(chunk),
      onExit: (code) => this.#exited(code),
    });
    this.#options.onChange();
  }

  /** Bytes for the program, from whoever may. @returns false where the program has stopped reading */
  write(bytes: Buffer | string): boolean {
    const buffer = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
    if (this.#shell === null || buffer.length === 0) return true;
    if (this.#shell.unread > MOST_UNREAD) return false;
    this.#shell.write(buffer);
    return true;
  }

  resize(size: Size): void {
    if (size.cols === this.size.cols && size.rows === this.size.rows) return;
    this.#shell?.resize(size);
    this.#recordSize(size);
    this.#pump();
  }

  #recordSize(size: Size): void {
    if (size.cols === this.size.cols && size.rows === this.size.rows && this.log.records.length > 0) return;
    this.size = size;
    this.log.record({ offset: this.log.end, type: 'resize', size });
    this.#note({ type: 'resize', size }, this.log.end, true);
  }

  #heard(chunk: Buffer): void {
    const at = this.log.end;
    this.log.append(chunk);
    this.#marks.feed(chunk, at, (mark, offset) => this.#read(mark, offset));
    this.#rhythm.arrived(chunk.length);
  }

  #append(bytes: Buffer): void {
    this.log.append(bytes);
    this.#rhythm.arrived(bytes.length);
  }

  #read(mark: Mark, offset: number): void {
    const before = this.prompt;
    const prompted = isNewPrompt(this.#reading, mark);
    const { reading, finished } = readMark(this.#reading, mark, Date.now());
    this.#reading = reading;
    if (finished !== null) this.#finished(finished, offset);
    if (prompted) {
      this.typed = 'nothing';
      this.#wake();
    }
    this.#promptMoved(before, offset);
  }

  #finished(ended: Finished, offset: number): void {
    // Python's history leaves out a statement that was just there; without one it was Enter alone
    const line = ended.line === '' ? (this.#block ?? '') : ended.line;
    if (line === '') return;
    const { exit, ms } = ended;
    const finished = { ...ended, line };
    this.#note({ type: 'command', line, exit, ms }, offset, false);
    this.#commands.push(finished);
    this.#options.onCommand(finished);
  }
  /** finished since the block that is being typed last looked */
  #commands: Finished[] = [];

  #promptMoved(before: PromptState, offset: number): void {
    const prompt = this.prompt;
    if (prompt.state === before.state && prompt.state !== 'busy' && replOf(prompt) === replOf(before)) return;
    if (prompt.state === 'busy' && before.state === 'busy' && prompt.command === before.command) return;
    this.#note({ type: 'prompt', prompt }, offset, false);
    this.#options.onChange();
  }

  #exited(code: number): void {
    const offset = this.log.end;
    this.#shell = null;
    this.#block = null;
    this.#reading = { ...NEW_SHELL, prompt: { state: 'exited', code } };
    this.log.record({ offset, type: 'exit', code });
    this.#note({ type: 'exit', code }, offset, true);
    this.#note({ type: 'prompt', prompt: this.#reading.prompt }, offset, false);
    this.#wake();
    this.#options.onChange();
    this.#rhythm.arrived(0);
  }

  #note(message: FromAgent, offset: number, lasting: boolean): void {
    this.notes.add(offset, message, lasting);
  }

  // --- waiting for the prompt, for what types blocks and stops programs ---

  /** @returns false after `ms` without a new prompt; true at the next one, or when the shell ended */
  async nextPrompt(ms?: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = ms === undefined ? null : setTimeout(() => done(false), ms);
      const done = (came: boolean): void => {
        if (timer !== null) clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve(came);
      };
      const wake = (): void => done(true);
      this.#waiting.add(wake);
    });
  }

  /** While a block is typed line by line the terminal stays busy. null: the block is over. */
  setBlock(command: string | null): void {
    const before = this.prompt;
    this.#block = command;
    this.#promptMoved(before, this.log.end);
    this.#pump();
  }
  get block(): string | null {
    return this.#block;
  }
  takeCommands(): Finished[] {
    const taken = this.#commands;
    this.#commands = [];
    return taken;
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake(this.#closed);
  }

  // --- who is attached ---

  add(attachment: Attachment): void {
    this.#attachments.add(attachment);
  }

  /** Answer a hello: begin at the place it asks for, and make it the writer if it wants to be and may. */
  async hello(attachment: Attachment, from: number, size: Size, write: boolean): Promise<void> {
    attachment.hold();
    if (write) this.start(size);
    const { start, dropped } = await beginningOf(this.log, from);
    if (!this.#attachments.has(attachment)) return;
    attachment.wantsToWrite = write;
    if (write) this.#become(attachment, false);
    attachment.welcome(this.#options.boot, { start, dropped });
    if (write) this.resize(size);
    if (write && start > this.log.start && from <= 0 && this.#reading.screen) this.#redraw();
    else if (write && dropped > 0 && this.#reading.screen) this.#redraw();
    this.#pump();
  }

  take(attachment: Attachment): void {
    if (!attachment.mayWrite || this.#writer === attachment) return;
    attachment.wantsToWrite = true;
    this.#become(attachment, true);
    this.#pump();
  }

  /** @returns false where the program has stopped reading */
  input(attachment: Attachment, bytes: Buffer): boolean {
    if (attachment !== this.#writer || bytes.length === 0) return true;
    this.typed =
      bytes.includes(0x0d) || bytes.includes(0x0a) ? 'line' : this.typed === 'line' ? 'line' : 'text';
    return this.write(bytes);
  }

  ack(attachment: Attachment, offset: number): void {
    if (!attachment.ack(offset)) return;
    if (attachment === this.#writer) this.#writerMoved();
    this.#pump();
  }

  resizeBy(attachment: Attachment, size: Size): void {
    if (attachment === this.#writer) this.resize(size);
  }

  remove(attachment: Attachment): void {
    if (!this.#attachments.delete(attachment) || this.#writer !== attachment) return;
    this.#writer = null;
    this.#losePatience();
    const heir = [...this.#attachments].filter((one) => one.wantsToWrite).at(-1);
    if (heir !== undefined) this.#become(heir, true);
    this.#pump();
  }

  #become(attachment: Attachment, say: boolean): void {
    const former = this.#writer;
    if (former === attachment) return;
    if (former !== null) {
      former.writer = false;
      former.wantsToWrite = false;
      former.say({ type: 'writer', writer: false });
    }
    this.#losePatience();
    this.#writer = attachment;
    attachment.writer = true;
    attachment.away = false;
    if (say) attachment.say({ type: 'writer', writer: true });
  }

  /** A full-screen program draws itself anew when its window changes: the replay lacked its beginning. */
  #redraw(): void {
    const { cols, rows } = this.size;
    this.resize({ cols, rows: Math.max(1, rows - 1) });
    setTimeout(() => this.resize({ cols, rows }), 60);
  }

  // --- flow ---

  #pump(): void {
    for (const attachment of this.#attachments) attachment.pump();
    const writer = this.#writer;
    const short = writer !== null && !writer.away && !writer.current;
    if (short) this.#patience ??= setTimeout(() => this.#giveUp(), PATIENCE);
    else this.#losePatience();
    if (short || this.log.farBehind) this.#shell?.pause();
    else this.#shell?.resume();
  }

  #writerMoved(): void {
    if (this.#writer !== null) this.#writer.away = false;
    this.#losePatience();
  }
  #losePatience(): void {
    if (this.#patience !== null) clearTimeout(this.#patience);
    this.#patience = null;
  }
  #giveUp(): void {
    this.#patience = null;
    if (this.#writer !== null) this.#writer.away = true;
    this.#pump();
  }

  /** End the shell and the log; the sockets are closed by who asked. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#losePatience();
    this.#rhythm.stop();
    this.#shell?.end();
    this.#wake();
    await this.log.close();
  }
  get sockets(): readonly Attachment[] {
    return [...this.#attachments];
  }
}

/** Whose prompt stands: `python`, or undefined for the shell's and for none. */
export function replOf(prompt: PromptState): 'python' | undefined {
  return prompt.state === 'idle' ? prompt.repl : undefined;
}
