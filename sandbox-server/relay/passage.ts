/**
 * One terminal's two sockets and the bytes between them. Nothing is collected: a side that does not
 * read pauses the other. The server's own frames (pings, the goodbye) go in where a frame has ended.
 */
import type { Duplex } from 'node:stream';
import { MESSAGE_LIMIT } from '../contract/terminal.ts';
import { FrameFollower, PING, closeFrame } from './frames.ts';
import { createMessageRate } from './message-rate.ts';
import type { MessageRate } from './message-rate.ts';

/** T8: acknowledgements at 60 MB/s are 2,000 a second; nobody types that fast. */
const MESSAGES_A_SECOND = 4000;
const MESSAGES_AT_ONCE = 8000;
const FRAGMENTS = 256;
/** An agent sends at most 64 KiB at once; a changed one shall not fill a browser's memory (T77). */
const AGENT_MESSAGE_LIMIT = 1024 * 1024;
/** How long a peer may take to read the goodbye and hang up. */
const GOODBYE_MS = 1000;
const MISSED_PINGS = 2;

/** Why the server ends a passage by itself. */
export type Ending = 'limit' | 'too-large' | 'bad-frames' | 'agent-misbehaved' | 'agent-lost';

export interface PassageOptions {
  readonly browser: Duplex;
  readonly agent: Duplex;
  /** the close code for an ending, and a word for whoever reads it */
  readonly codeOf: (ending: Ending) => number;
  readonly onLost: () => void;
  readonly onClosed: () => void;
  readonly now: () => number;
}

/** Moves forward only: open → leaving (a Close frame is due or sent) → closed. */
type State = 'open' | 'leaving' | 'closed';

export class Passage {
  #state: State = 'open';
  #goodbye: Buffer | null = null;
  #pingDue = false;
  #missedPings = 0;
  #counted = 0;
  /** whether what the browser was sent so far ends with a whole frame */
  #between = true;
  readonly #up = new FrameFollower({ masked: true, messageLimit: MESSAGE_LIMIT, fragmentLimit: FRAGMENTS });
  readonly #down = new FrameFollower({
    masked: false,
    messageLimit: AGENT_MESSAGE_LIMIT,
    fragmentLimit: 4096,
  });
  readonly #rate: MessageRate;
  readonly #o: PassageOptions;

  constructor(options: PassageOptions) {
    this.#o = options;
    this.#rate = createMessageRate(MESSAGES_A_SECOND, MESSAGES_AT_ONCE, options.now());
  }

  /** @param head bytes that the browser sent right behind its handshake. */
  begin(head: Buffer): void {
    const { browser, agent } = this.#o;
    // ECONNRESET and EPIPE are how peers leave; `close` follows each and does the work.
    browser.on('error', () => undefined).on('close', () => this.#over());
    agent.on('error', () => undefined).on('close', () => this.#agentLeft());
    browser.on('end', () => this.#browserLeft());
    agent.on('end', () => this.#agentLeft());
    browser.on('data', (chunk: Buffer) => this.#fromBrowser(chunk));
    agent.on('data', (chunk: Buffer) => this.#fromAgent(chunk));
    if (head.length > 0) this.#fromBrowser(head);
    if (browser.destroyed) this.#over();
    else if (agent.destroyed) this.#agentLeft();
  }

  /** Say goodbye with this code at the next legal place; cut after a second where there is none. */
  close(code: number, reason: string): void {
    if (this.#state !== 'open') return;
    this.#leave(closeFrame(code, reason));
  }

  /** To be called every ping interval. A browser that answered none of the last two is gone. */
  ping(): void {
    if (this.#state !== 'open' || this.#o.browser.isPaused()) return;
    if (this.#missedPings >= MISSED_PINGS) return this.#over();
    this.#missedPings++;
    if (this.#between) this.#o.browser.write(PING);
    else this.#pingDue = true;
  }

  #fromBrowser(chunk: Buffer): void {
    if (this.#state !== 'open') return;
    this.#missedPings = 0;
    const fault = this.#up.follow(chunk);
    const frames = this.#up.frames - this.#counted;
    this.#counted = this.#up.frames;
    if (fault !== null) return this.#end(fault === 1009 ? 'too-large' : 'bad-frames');
    if (!this.#rate.take(frames, this.#o.now())) return this.#end('limit');
    pass(chunk, this.#o.browser, this.#o.agent);
  }

  #fromAgent(chunk: Buffer): void {
    if (this.#state === 'closed' || (this.#state === 'leaving' && this.#goodbye === null)) return;
    const fault = this.#down.follow(chunk);
    const end = this.#down.lastEnd;
    if (this.#goodbye !== null || fault !== null) {
      if (end >= 0) this.#send(chunk.subarray(0, end), true);
      else if (fault === null) this.#send(chunk, false);
      if (this.#goodbye !== null && end >= 0) this.#sayGoodbye();
      else if (fault !== null) this.#end('agent-misbehaved');
      return;
    }
    if (this.#pingDue && end >= 0) this.#sendAround(chunk, end);
    else this.#send(chunk, this.#down.atBoundary);
  }

  #send(chunk: Buffer, between: boolean): void {
    pass(chunk, this.#o.agent, this.#o.browser);
    this.#between = between;
  }

  #sendAround(chunk: Buffer, end: number): void {
    this.#pingDue = false;
    this.#o.browser.write(chunk.subarray(0, end));
    this.#o.browser.write(PING);
    if (end < chunk.length) this.#send(chunk.subarray(end), this.#down.atBoundary);
    else this.#between = true;
  }

  #end(ending: Ending): void {
    if (this.#goodbye === null) this.close(this.#o.codeOf(ending), ending);
    else this.#over();
  }

  #leave(goodbye: Buffer): void {
    this.#state = 'leaving';
    this.#goodbye = goodbye;
    setTimeout(() => this.#over(), GOODBYE_MS).unref();
    if (this.#between) this.#sayGoodbye();
    else if (this.#o.agent.destroyed || this.#o.agent.readableEnded) this.#over();
    else this.#o.agent.resume();
  }

  /** Half-closed and read on for a second, so that no reset overtakes the Close frame. */
  #sayGoodbye(): void {
    const goodbye = this.#goodbye;
    this.#goodbye = null;
    this.#o.browser.end(goodbye);
    this.#o.browser.resume();
    this.#o.agent.destroy();
  }

  #browserLeft(): void {
    if (this.#state === 'leaving') return this.#over();
    this.#state = 'leaving';
    // what was typed last still arrives
    this.#o.agent.end();
    this.#o.browser.end();
    setTimeout(() => this.#over(), GOODBYE_MS).unref();
  }

  #agentLeft(): void {
    if (this.#state === 'leaving' && this.#goodbye !== null) return this.#over();
    if (this.#state !== 'open') return;
    if (!this.#down.closing) return this.#o.onLost();
    this.#state = 'leaving';
    this.#o.browser.end();
    this.#o.browser.resume();
    setTimeout(() => this.#over(), GOODBYE_MS).unref();
  }

  #over(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#o.browser.destroy();
    this.#o.agent.destroy();
    this.#o.onClosed();
  }
}

function pass(chunk: Buffer, from: Duplex, to: Duplex): void {
  if (to.destroyed || to.writableEnded || to.write(chunk) || from.isPaused()) return;
  from.pause();
  to.once('drain', () => from.resume());
}
