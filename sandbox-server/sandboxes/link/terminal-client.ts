/**
 * A client of the terminal protocol for tests and benches: counts offsets, acknowledges what it has "drawn" at a rate
 * of one's choice, keeps what it saw. It is as strict as a browser's client has to be.
 */
import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import { FromAgent } from '../../contract/terminal.ts';
import type { FromClient, PromptState, Size } from '../../contract/terminal.ts';

export interface ClientOptions {
  /** the next byte wanted; -1: the newest. Default 0 */
  readonly from?: number;
  readonly size?: Size;
  readonly mode?: 'read' | 'write';
  /** bytes a second this client draws; default: as they come. 0: never acknowledges */
  readonly rate?: number;
  /** keep the bytes seen (default), or only count them */
  readonly keep?: boolean;
}
type Welcome = Extract<FromAgent, { type: 'welcome' }>;

/** How often a client of limited rate draws, ms: a browser's frame. */
const FRAME = 10;
/** An unlimited client says what it has drawn as the page does: each 32 KiB, or once nothing came for 50 ms. */
const ACK_BYTES = 32 * 1024;
const ACK_QUIET = 50;

export class TerminalClient {
  readonly socket: WebSocket;
  welcome: Welcome | null = null;
  writer = false;
  prompt: PromptState = { state: 'unknown' };
  /** offset after the last byte received, and after the last one drawn */
  offset = 0;
  drawn = 0;
  readonly messages: FromAgent[] = [];
  readonly #options: ClientOptions;
  #chunks: Buffer[] = [];
  #kept = 0;
  #listeners = new Set<() => void>();
  #frames: NodeJS.Timeout | null = null;
  #quiet: NodeJS.Timeout | null = null;
  #acked = 0;
  closed: { code: number; reason: string } | null = null;

  constructor(socket: WebSocket, options: ClientOptions = {}) {
    this.socket = socket;
    this.#options = options;
    socket.on('message', (data: Buffer, binary: boolean) =>
      binary ? this.#bytes(data) : this.#message(data),
    );
    socket.on('error', () => undefined);
    socket.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() };
      if (this.#frames !== null) clearInterval(this.#frames);
      if (this.#quiet !== null) clearTimeout(this.#quiet);
      this.#changed();
    });
    if (options.rate !== undefined && options.rate > 0)
      this.#frames = setInterval(() => this.#draw(((options.rate ?? 0) * FRAME) / 1000), FRAME);
  }

  /** Everything received, as text; the first byte is at `welcome.start`. */
  get text(): string {
    return this.bytes.toString('utf8');
  }
  /** the same without escape sequences and carriage returns */
  get plain(): string {
    return plain(this.text);
  }
  get bytes(): Buffer {
    const whole = Buffer.concat(this.#chunks);
    this.#chunks = [whole];
    return whole;
  }
  /** ms since the epoch of the last byte */
  lastByteAt = 0;

  hello(): void {
    const { from = 0, size = { cols: 80, rows: 24 }, mode = 'write' } = this.#options;
    this.say({ type: 'hello', from, size, mode });
  }
  say(message: FromClient): void {
    this.socket.send(JSON.stringify(message));
  }
  type(text: string | Buffer): void {
    this.socket.send(Buffer.from(text));
  }
  forget(): void {
    this.#chunks = [];
    this.#kept = 0;
  }

  /** Resolves once `holds()`; checked after each message. */
  async until(holds: () => boolean, what = 'what was expected', ms = 15_000): Promise<void> {
    if (holds()) return;
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(
        () =>
          done(
            new Error(
              `${ms} ms without ${what}; prompt ${JSON.stringify(this.prompt)}, closed ${JSON.stringify(this.closed)}, text ends ${JSON.stringify(this.text.slice(-300))}`,
            ),
          ),
        ms,
      );
      const look = (): void => {
        if (holds()) done();
      };
      const done = (error?: Error): void => {
        clearTimeout(late);
        this.#listeners.delete(look);
        if (error === undefined) resolve();
        else reject(error);
      };
      this.#listeners.add(look);
    });
  }
  untilText(text: string, ms?: number): Promise<void> {
    // each byte is looked at once: a test may wait for the end of megabytes
    let from = 0;
    const found = (): boolean => {
      if (this.bytes.indexOf(text, from) >= 0) return true;
      from = Math.max(0, this.#kept - Buffer.byteLength(text));
      return false;
    };
    return this.until(found, `text ${JSON.stringify(text)}`, ms);
  }
  untilIdle(ms?: number): Promise<void> {
    return this.until(() => this.prompt.state === 'idle', 'an idle prompt', ms);
  }
  /** Type a line and wait until it has run. @returns what was received since */
  async run(line: string, ms?: number): Promise<string> {
    await this.untilIdle(ms);
    const before = this.#kept;
    const ran = this.messages.length;
    this.type(line + '\r');
    await this.until(
      () =>
        this.messages.slice(ran).some((message) => message.type === 'command') &&
        this.prompt.state === 'idle',
      `the end of ${line}`,
      ms,
    );
    return this.bytes.subarray(before).toString('utf8');
  }
  async untilClosed(ms?: number): Promise<{ code: number; reason: string }> {
    await this.until(() => this.closed !== null, 'a close', ms);
    return this.closed ?? { code: 0, reason: '' };
  }
  /** Close and wait for the other side's goodbye. */
  async close(): Promise<void> {
    this.socket.close();
    await this.untilClosed();
  }
  /** As if the network went: no goodbye. */
  cut(): void {
    this.socket.terminate();
  }

  #bytes(data: Buffer): void {
    if (this.welcome === null) throw new Error('bytes before the welcome');
    this.offset += data.length;
    this.lastByteAt = Date.now();
    if (this.#options.keep !== false) {
      this.#chunks.push(data);
      this.#kept += data.length;
    }
    if (this.#options.rate === undefined) this.#drawAtOnce();
    this.#changed();
  }

  #drawAtOnce(): void {
    this.drawn = this.offset;
    if (this.drawn - this.#acked >= ACK_BYTES) this.#ack();
    else this.#quiet ??= setTimeout(() => this.#ack(), ACK_QUIET);
  }
  #ack(): void {
    if (this.#quiet !== null) clearTimeout(this.#quiet);
    this.#quiet = null;
    if (this.drawn === this.#acked || this.socket.readyState !== this.socket.OPEN) return;
    this.#acked = this.drawn;
    this.say({ type: 'ack', offset: this.drawn });
  }

  #draw(most: number): void {
    const next = Math.min(this.offset, this.drawn + Math.floor(most));
    if (next === this.drawn) return;
    this.drawn = next;
    if (this.socket.readyState === this.socket.OPEN) this.say({ type: 'ack', offset: next });
    this.#changed();
  }

  #message(data: Buffer): void {
    const message = FromAgent.parse(JSON.parse(data.toString('utf8')));
    this.messages.push(message);
    if (message.type === 'welcome') this.#welcomed(message);
    if (message.type === 'writer') this.writer = message.writer;
    if (message.type === 'prompt') this.prompt = message.prompt;
    if (message.type === 'skip') this.offset = this.drawn = this.#acked = message.to;
    this.#changed();
  }
  #welcomed(welcome: Welcome): void {
    this.welcome = welcome;
    this.writer = welcome.writer;
    this.prompt = welcome.prompt;
    this.offset = this.drawn = this.#acked = welcome.start;
  }
  #changed(): void {
    for (const look of [...this.#listeners]) look();
  }
}

/** Text without escape sequences and carriage returns. */
export function plain(text: string): string {
  return text.replace(/\x1b(?:\][^\x07\x1b]*(?:\x07|\x1b\\)|\[[0-?]*[ -/]*[@-~]|.)|\r/g, '');
}

/**
 * A ws client on a socket whose handshake was made elsewhere (`AgentLink.terminalSocket`): it goes on from there as ws's
 * own client does (`setSocket`, not in its types).
 */
export function webSocketOn(socket: Duplex): WebSocket {
  const ws = new WebSocket(null as unknown as string, [], { autoPong: true }) as Adopting;
  ws._isServer = false;
  ws.setSocket(socket, Buffer.alloc(0), {
    allowSynchronousEvents: true,
    maxPayload: 64 * 1024 * 1024,
    skipUTF8Validation: false,
  });
  return ws;
}
type Adopting = WebSocket & {
  _isServer: boolean;
  setSocket(socket: Duplex, head: Buffer, options: object): void;
};

/** A client on such a socket that has said hello. */
export function clientOn(socket: Duplex, options: ClientOptions = {}): TerminalClient {
  const client = new TerminalClient(webSocketOn(socket), options);
  client.hello();
  return client;
}
