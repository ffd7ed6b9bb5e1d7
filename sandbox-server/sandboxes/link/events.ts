/** An agent's events until closed: reconnects by itself with growing pauses; each connection begins with a `hello`. */
import { setTimeout as wait } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { AgentEvent } from '../../contract/agent.ts';
import type { AgentAddress } from '../driver.ts';
import { connector } from './dial.ts';
import { parseJson } from './request.ts';

const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 5000;
const HANDSHAKE = 2000;
/** one event, bytes: 500 file changes of long names */
const LARGEST = 2 * 1024 * 1024;
/** neither event nor pong for so long: the agent hangs */
const SILENCE = 30_000;

export interface EventsOptions {
  readonly address: AgentAddress;
  /** asked for each connection: tickets are good once. Rejects where the agent does not answer. */
  readonly authorization: () => Promise<string>;
  /** the sandbox the events must be about */
  readonly sandbox: string;
  readonly listener: (event: AgentEvent) => void;
  readonly onState: (state: 'connected' | 'lost') => void;
}

export function followEvents(options: EventsOptions): Disposable {
  const over = new AbortController();
  void follow(options, over.signal);
  return { [Symbol.dispose]: () => over.abort() };
}

async function follow(options: EventsOptions, over: AbortSignal): Promise<void> {
  let pause = FIRST_PAUSE;
  while (!over.aborted) {
    const connected = await connectOnce(options, over);
    pause = connected ? FIRST_PAUSE : Math.min(LONGEST_PAUSE, pause * 2);
    // jitter: the hundred links of one server must not dial in step
    await wait(pause * (0.5 + Math.random()), undefined, { signal: over, ref: false }).catch(() => undefined);
  }
}

/** One connection until it ends. @returns whether it came about */
async function connectOnce(options: EventsOptions, over: AbortSignal): Promise<boolean> {
  const authorization = await options.authorization().catch(() => null);
  if (authorization === null || over.aborted) return false;
  const events = dial(options.address, authorization);
  const hangUp = (): void => events.terminate();
  over.addEventListener('abort', hangUp);
  const connected = await served(events, options, over);
  over.removeEventListener('abort', hangUp);
  if (connected && !over.aborted) options.onState('lost');
  return connected;
}

function dial(address: AgentAddress, authorization: string): WebSocket {
  return new WebSocket('ws://agent/v1/events', {
    createConnection: connector(address),
    headers: { authorization },
    perMessageDeflate: false,
    maxPayload: LARGEST,
    handshakeTimeout: HANDSHAKE,
    followRedirects: false,
  });
}

async function served(
  events: WebSocket,
  { sandbox, listener, onState }: EventsOptions,
  over: AbortSignal,
): Promise<boolean> {
  let connected = false;
  events.on('open', () => {
    connected = true;
    onState('connected');
  });
  events.on('message', (data: Buffer) => {
    const event = AgentEvent.safeParse(parseJson(data));
    const foreign = event.success && event.data.type === 'hello' && event.data.status.sandbox !== sandbox;
    if (!event.success || foreign) events.terminate();
    else if (!over.aborted) listener(event.data);
  });
  // whatever it was (nobody there, no WebSocket, a message too long): `close` follows
  events.on('error', () => events.terminate());
  const alive = watchSilence(events);
  await new Promise((resolve) => events.once('close', resolve));
  clearInterval(alive);
  return connected;
}

function watchSilence(events: WebSocket): NodeJS.Timeout {
  let heard = true;
  const hear = (): void => void (heard = true);
  events.on('message', hear).on('pong', hear);
  const timer = setInterval(() => {
    if (!heard) return events.terminate();
    heard = false;
    if (events.readyState === events.OPEN) events.ping();
  }, SILENCE / 2);
  return timer.unref();
}
