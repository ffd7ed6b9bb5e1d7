/** Event streams that a browser reconnects to by itself: each learner's own, and what a page follows beside it. */
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import type { LearnerEvent } from '../contract/events.ts';
import { Problem } from '../contract/errors.ts';
import type { SignedIn } from '../identity/face.ts';
import type { Labs } from '../labs/face.ts';

/** A browser keeps six connections a host; tabs share one stream where they can. */
const PER_SESSION = 24;
/** What may wait for a slow reader, bytes; past it the stream is cut and the browser comes again. */
const QUEUE_LIMIT = 512 * 1024;
/** An event and no comment: scripts must hear it, or a server that vanished without a word is never missed. */
const HEARTBEAT = 'event: alive\ndata: 1\n\n';

export interface EventStreams {
  /**
   * Take this answer over until either side ends it. Problem `limit`, `unavailable`.
   * @param source what is told; default: all that happens in the learner's labs
   */
  open(who: SignedIn, reply: FastifyReply, source?: Source): Promise<void>;
  /** the same for whoever asks: what is told is everybody's to know */
  openToAll(reply: FastifyReply, source: Source): Promise<void>;
  signedOut(session: string): void;
  readonly size: number;
  /** tell all that the server restarts, and end them */
  close(): void;
}

/** Tells until disposed; the listener's events go to the page as JSON. */
export type Source = (listener: (event: object) => void) => Promise<Disposable>;

interface Stream {
  /** null: whoever asked */
  readonly who: SignedIn | null;
  readonly response: ServerResponse;
}

export function createEventStreams(labs: Pick<Labs, 'subscribe'>, heartbeatMs = 15_000): EventStreams {
  const streams = new Set<Stream>();
  let stopping = false;

  const heartbeat = setInterval(() => {
    const now = Date.now();
    for (const stream of streams) {
      if (stream.who !== null && stream.who.until <= now) stream.response.end();
      else write(stream.response, HEARTBEAT);
    }
  }, heartbeatMs);
  heartbeat.unref();

  const open = async (who: SignedIn | null, reply: FastifyReply, source: Source): Promise<void> => {
    if (stopping) throw new Problem('unavailable', 'The server is restarting. Try again in a moment.');
    const mine = [...streams].filter((stream) => stream.who?.session === who?.session).length;
    if (mine >= PER_SESSION)
      throw new Problem('limit', 'Too many tabs of this site are open. Close some.', {
        details: { retryAfter: 10 },
      });
    const response = reply.hijack().raw;
    const stream = { who, response };
    streams.add(stream);
    begin(response, reply.getHeaders() as OutgoingHttpHeaders);
    response.once('close', () => streams.delete(stream));
    const subscription = await source((event) => write(response, lineOf(event))).catch((error: unknown) => {
      response.destroy();
      throw error;
    });
    if (response.destroyed) subscription[Symbol.dispose]();
    else response.once('close', () => subscription[Symbol.dispose]());
  };

  return {
    open: (who, reply, source = (listener) => labs.subscribe(who.person.id, listener)) =>
      open(who, reply, source),
    openToAll: (reply, source) => open(null, reply, source),
    signedOut(session) {
      for (const stream of streams) if (stream.who?.session === session) stream.response.end();
    },
    get size() {
      return streams.size;
    },
    close() {
      stopping = true;
      clearInterval(heartbeat);
      for (const { response } of streams) {
        write(response, lineOf({ type: 'restarting' } satisfies LearnerEvent));
        response.end();
      }
    },
  };
}

/** `retry`: the browser comes again a second after the stream ends, whoever ended it. */
function begin(response: ServerResponse, headers: OutgoingHttpHeaders): void {
  response.writeHead(200, {
    ...headers,
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  response.write('retry: 1000\n\n');
}
function lineOf(event: object): string {
  return `data: ${JSON.stringify(event)}\n\n`;
}
function write(response: ServerResponse, text: string): void {
  if (response.writableEnded || response.destroyed) return;
  response.write(text);
  if (response.writableLength > QUEUE_LIMIT) response.destroy();
}
