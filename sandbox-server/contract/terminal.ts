/**
 * The terminal protocol between a browser and an agent; the server relays frames unread.
 *
 * A terminal is an append-only log with absolute byte offsets. Binary messages from the agent are
 * the log's bytes, contiguous from `welcome.start`; text messages are JSON and stand at the exact
 * place in the stream they speak of. So a client counts bytes and needs no header on each message.
 * Binary messages to the agent are what the writer types.
 */
import { z } from 'zod';
import { TerminalName } from './names.ts';

export const Size = z.object({
  cols: z.number().int().min(2).max(1000),
  rows: z.number().int().min(1).max(500),
});
export type Size = z.infer<typeof Size>;

/** Subprotocol the browser offers first; the ticket follows as `ticket.<43 base64url characters>`. */
export const TERMINAL_PROTOCOL = 'palestra.terminal.v1';

export const FromClient = z.discriminatedUnion('type', [
  /** first message, within 5 s. `from`: the next byte wanted; -1: the newest screenful. */
  z.object({
    type: z.literal('hello'),
    from: z.number().int().min(-1),
    size: Size,
    mode: z.enum(['write', 'read']),
  }),
  /** every byte before `offset` was drawn */
  z.object({ type: z.literal('ack'), offset: z.number().int().nonnegative() }),
  z.object({ type: z.literal('resize'), size: Size }),
  /** become the writer (the former one becomes a viewer) */
  z.object({ type: z.literal('take') }),
]);
export type FromClient = z.infer<typeof FromClient>;

/** What runs at the prompt, known from OSC 133 marks. `unknown`: no shell integration seen. */
export const PromptState = z.discriminatedUnion('state', [
  /** `repl`: a Python prompt stands in it; no shell command can be typed */
  z.object({ state: z.literal('idle'), repl: z.literal('python').optional() }),
  z.object({ state: z.literal('busy'), command: z.string().max(300), since: z.number() }),
  z.object({ state: z.literal('unknown') }),
  z.object({ state: z.literal('exited'), code: z.number().int() }),
]);
export type PromptState = z.infer<typeof PromptState>;

export const FromAgent = z.discriminatedUnion('type', [
  /**
   * first message. `start`: offset of the first byte that follows; `end`: of the live end now;
   * `dropped`: bytes wanted that the log no longer has (the bound, 64 MiB); `size`: the pty's at `start`.
   * Up to `end` it is a replay: a client must not answer terminal queries in it.
   */
  z.object({
    type: z.literal('welcome'),
    boot: z.string(),
    start: z.number().int(),
    end: z.number().int(),
    dropped: z.number().int(),
    size: Size,
    writer: z.boolean(),
    prompt: PromptState,
  }),
  /** the pty was resized at this place in the stream */
  z.object({ type: z.literal('resize'), size: Size }),
  /** a viewer was too slow: the stream goes on at `to` */
  z.object({ type: z.literal('skip'), to: z.number().int() }),
  z.object({ type: z.literal('writer'), writer: z.boolean() }),
  z.object({ type: z.literal('prompt'), prompt: PromptState }),
  /** a finished command: line as typed, exit status, ms */
  z.object({ type: z.literal('command'), line: z.string(), exit: z.number().int(), ms: z.number() }),
  /** the shell ended; the log stays readable, `hello` again starts a new shell */
  z.object({ type: z.literal('exit'), code: z.number().int() }),
]);
export type FromAgent = z.infer<typeof FromAgent>;

export const TerminalInfo = z.object({ name: TerminalName, prompt: PromptState, end: z.number().int() });
export type TerminalInfo = z.infer<typeof TerminalInfo>;

/** Close codes a client understands. After those marked *final* it must not reconnect by itself. */
export const CLOSE = {
  ended: 4000, // final: the lab ended or was paused
  revoked: 4001, // final: signed out, or no longer entitled
  restarting: 4002, // the server is going away: reconnect
  limit: 4003, // final: too many connections or messages
  badTicket: 4004, // fetch a fresh ticket, then reconnect
  agentLost: 4005, // the sandbox does not answer: reconnect with patience
} as const;
/** The longest message a client may send, bytes; a longer one closes with 1009. */
export const MESSAGE_LIMIT = 64 * 1024;
