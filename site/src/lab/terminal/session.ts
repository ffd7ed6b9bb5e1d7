/**
 * One terminal of a lab: fetches a ticket, speaks the terminal protocol, counts bytes, acknowledges what was
 * drawn, and after a cut goes on at the exact byte. What it decides is in link.ts and position.ts; here it acts.
 */
import type {
  FromAgent,
  FromClient,
  PromptState,
  Size,
} from '../../../../sandbox-server/contract/terminal.ts';
import { MESSAGE_LIMIT, TERMINAL_PROTOCOL } from '../constants.ts';
import { Refused } from '../server.ts';
import type { Server } from '../server.ts';
import { isTerminalAnswer } from './answers.ts';
import { nextLink, OPENING } from './link.ts';
import type { Link, LinkEvent } from './link.ts';
import {
  ACK_IDLE_MS,
  ackDue,
  afterAck,
  afterDrawing,
  afterSkip,
  atWelcome,
  isReplaying,
  NOWHERE,
  take,
} from './position.ts';
import type { Position } from './position.ts';
import { say as spoken } from '../words/terminal.ts';

/** Where the bytes are drawn: xterm in a page, an array in a test. */
export interface Screen {
  /** calls back once these bytes were parsed; calls are answered in order */
  write(bytes: Uint8Array, drawn: () => void): void;
  size(): Size;
  resize(size: Size): void;
  /** a line of ours, not the program's */
  note(text: string): void;
}

export interface SessionOptions {
  readonly server: Server;
  readonly lab: string;
  readonly name: string;
  readonly screen: Screen;
  /** e.g. `ws://localhost:4747` */
  readonly origin: string;
  readonly onChange: (session: Session) => void;
  /** the replay is drawn and this client sets the size: the screen may be fitted */
  readonly onCaughtUp?: () => void;
  readonly onCommand?: (command: { line: string; exit: number; ms: number }) => void;
}

/** What became of keys: `replay` an answer of the terminal to a query of the past. */
export type Typed = 'sent' | 'cut' | 'viewer' | 'replay';

export interface Session {
  readonly name: string;
  readonly link: Link;
  readonly prompt: PromptState;
  readonly everLive: boolean;
  readonly replaying: boolean;
  /** not in a replay, and not a viewer: those have the size of what they show */
  readonly maySetSize: boolean;
  type(data: string): Typed;
  typeBytes(data: Uint8Array): Typed;
  resized(): void;
  /** become the writer */
  takeOver(): void;
  /** dial now instead of at the end of the wait, or for a new shell after an exit */
  dial(): void;
  close(): void;
}

/** Opens at once. The caller closes it. */
export function createSession(options: SessionOptions): Session {
  const { server, lab, name, screen } = options;
  let link: Link = OPENING;
  let position: Position = NOWHERE;
  let prompt: PromptState = { state: 'unknown' };
  let everLive = false;
  let wantsWriting = true;
  let socket: WebSocket | null = null;
  let redial: ReturnType<typeof setTimeout> | undefined;
  let ackTimer: ReturnType<typeof setTimeout> | undefined;
  let closed = false;
  let lastSize: Size = screen.size();

  const session: Session = {
    name,
    get link() {
      return link;
    },
    get prompt() {
      return prompt;
    },
    get everLive() {
      return everLive;
    },
    get replaying() {
      return isReplaying(position);
    },
    get maySetSize() {
      return link.at !== 'live' || (link.writer && !isReplaying(position));
    },
    type: (data) =>
      isReplaying(position) && isTerminalAnswer(data) ? 'replay' : send(new TextEncoder().encode(data)),
    typeBytes: (data) => send(data),
    resized() {
      const size = screen.size();
      if (size.cols === lastSize.cols && size.rows === lastSize.rows) return;
      lastSize = size;
      if (link.at === 'live' && link.writer) say({ type: 'resize', size });
    },
    takeOver() {
      wantsWriting = true;
      say({ type: 'take' });
      say({ type: 'resize', size: screen.size() });
    },
    dial() {
      clearTimeout(redial);
      if (link.at === 'live') drop();
      if (link.at === 'over') link = OPENING;
      step({ type: 'dial' });
      void open();
    },
    close() {
      closed = true;
      clearTimeout(redial);
      clearTimeout(ackTimer);
      drop();
    },
  };

  function step(event: LinkEvent): void {
    const before = link;
    link = nextLink(link, event);
    if (link === before) return;
    if (link.at === 'cut') waitToDial(link.retryAt);
    if (link.at === 'live') everLive = true;
    if (!closed) options.onChange(session);
  }

  function waitToDial(retryAt: number): void {
    clearTimeout(redial);
    redial = setTimeout(
      () => {
        step({ type: 'dial' });
        void open();
      },
      Math.max(0, retryAt - Date.now()),
    );
  }

  /** Forget the socket so that nothing it still says counts. */
  function drop(): void {
    const old = socket;
    socket = null;
    old?.close();
    if (old !== null) step({ type: 'closed', code: 1000, now: Date.now(), random: 0 });
  }

  async function open(): Promise<void> {
    let ticket: string;
    try {
      ticket = (
        await server.post<{ ticket: string }>(`/api/labs/${lab}/tickets`, { terminal: name, mode: 'write' })
      ).ticket;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      step({
        type: 'refused',
        code: error.code,
        message: error.message,
        now: Date.now(),
        random: Math.random(),
      });
      return;
    }
    if (!closed && link.at === 'opening' && socket === null) connect(ticket);
  }

  function connect(ticket: string): void {
    const mine = new WebSocket(`${options.origin}/api/labs/${lab}/terminals/${name}`, [
      TERMINAL_PROTOCOL,
      `ticket.${ticket}`,
    ]);
    socket = mine;
    mine.binaryType = 'arraybuffer';
    let at = -1;
    mine.onopen = () => {
      lastSize = screen.size();
      say({ type: 'hello', from: position.received, size: lastSize, mode: wantsWriting ? 'write' : 'read' });
    };
    mine.onmessage = ({ data }: MessageEvent<ArrayBuffer | string>) => {
      if (socket !== mine) return;
      if (typeof data === 'string') at = hear(JSON.parse(data) as FromAgent, at);
      else at = draw(new Uint8Array(data), at);
    };
    mine.onclose = ({ code }) => {
      if (socket !== mine) return;
      socket = null;
      step({ type: 'closed', code, now: Date.now(), random: Math.random() });
    };
  }

  function draw(bytes: Uint8Array, at: number): number {
    const taken = take(position, at, bytes);
    position = taken.position;
    for (const piece of taken.pieces) {
      screen.write(piece.bytes, () => {
        const before = isReplaying(position);
        position = afterDrawing(position, piece.bytes.length);
        acknowledge(false);
        if (before && session.maySetSize) options.onCaughtUp?.();
      });
    }
    return at + bytes.length;
  }

  function acknowledge(idle: boolean): void {
    const offset = ackDue(position, idle);
    if (offset !== null && say({ type: 'ack', offset })) position = afterAck(position, offset);
    if (idle || ackTimer !== undefined) return;
    ackTimer = setTimeout(() => {
      ackTimer = undefined;
      acknowledge(true);
    }, ACK_IDLE_MS);
  }

  /** @returns the offset of the next byte of this connection */
  function hear(message: FromAgent, at: number): number {
    switch (message.type) {
      case 'welcome':
        return welcome(message);
      case 'skip':
        position = afterSkip(position, message.to);
        screen.note(spoken('Output was too fast to follow: {0} are not shown.', inWords(message.to - at)));
        return message.to;
      case 'resize':
        inOrder(() => screen.resize(message.size));
        return at;
      case 'writer':
        wantsWriting = message.writer;
        step({ type: 'writer', writer: message.writer });
        if (session.maySetSize) inOrder(() => options.onCaughtUp?.());
        return at;
      case 'prompt':
        prompt = message.prompt;
        break;
      case 'command':
        options.onCommand?.(message);
        return at;
      case 'exit':
        prompt = { state: 'exited', code: message.code };
        inOrder(() =>
          screen.note(
            spoken('The shell ended with status {0}. Press Enter for a new one.', message.code ?? '?'),
          ),
        );
        break;
    }
    options.onChange(session);
    return at;
  }

  function welcome(message: FromAgent & { type: 'welcome' }): number {
    if (message.dropped > 0)
      screen.note(spoken('{0} of older output are no longer kept.', inWords(message.dropped)));
    position = atWelcome(position, message);
    prompt = message.prompt;
    wantsWriting = message.writer;
    inOrder(() => screen.resize(message.size));
    step({ type: 'welcome', writer: message.writer });
    if (session.maySetSize) inOrder(() => options.onCaughtUp?.());
    return message.start;
  }

  /** After everything before it in the stream was drawn. */
  function inOrder(act: () => void): void {
    screen.write(new Uint8Array(0), act);
  }

  function say(message: FromClient): boolean {
    if (socket?.readyState !== WebSocket.OPEN) return false;
    socket.send(JSON.stringify(message));
    return true;
  }

  function send(bytes: Uint8Array): Typed {
    if (link.at !== 'live' || socket?.readyState !== WebSocket.OPEN) return 'cut';
    if (!link.writer) return 'viewer';
    // half of the limit: a paste arrives in several messages, in order
    for (let i = 0; i < bytes.length; i += MESSAGE_LIMIT / 2)
      socket.send(bytes.slice(i, i + MESSAGE_LIMIT / 2));
    return 'sent';
  }

  void open();
  return session;
}

/** @param bytes a count. @returns e.g. `12 MB` or `812 bytes` */
export function inWords(bytes: number): string {
  if (bytes >= 1e6) return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
  if (bytes >= 1e3) return `${String(Math.round(bytes / 1e3))} kB`;
  return spoken('{0} bytes', bytes);
}
