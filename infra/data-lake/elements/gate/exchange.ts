/** A request and its answer, and how a gate answers by itself. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Refusal } from './call.ts';

export interface Exchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  /** the client waits for `100 Continue` before it sends its content */
  readonly waits: boolean;
  /** content received and sent so far */
  readonly bytes: { in: number; out: number };
}

/** How long a client may go on sending what nobody wants any more, before its connection is cut. */
const DRAIN_MS = 10_000;

export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** Answers without XRootD. Content that is still coming is let run out, or cut: 2 GB are not read for nothing. */
export function refuse(exchange: Exchange, refusal: Pick<Refusal, 'status' | 'sentence'>): void {
  const text = `${refusal.sentence}\n`;
  exchange.res.writeHead(refusal.status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
    ...(refusal.status === 503 ? { 'Retry-After': '30' } : {}),
    // after a 100 that never came the client may send its content or not: nobody could tell what follows
    ...(hasBody(exchange.req) ? { Connection: 'close' } : {}),
  });
  exchange.res.end(exchange.req.method === 'HEAD' ? undefined : text);
  runOut(exchange.req);
}

export function runOut(req: IncomingMessage): void {
  if (req.complete || req.destroyed) return;
  req.resume();
  const timer = setTimeout(() => req.destroy(), DRAIN_MS);
  req.once('close', () => clearTimeout(timer));
}

/** what a broken middlebox says: well-formed, cheerful, and nothing that was asked for */
const NONSENSE = Buffer.concat([
  Buffer.from('<html><body><h1>It works!</h1></body></html>\n'),
  Buffer.from(Array.from({ length: 256 }, (_, i) => i)),
]);

/** An answer that is HTTP and no answer. */
export function answerNonsense(exchange: Exchange): void {
  exchange.res.writeHead(200, {
    'Content-Type': 'text/html',
    'Content-Length': NONSENSE.length,
    Digest: 'adler32=zzzzzzzz',
    ...(hasBody(exchange.req) ? { Connection: 'close' } : {}),
  });
  exchange.res.end(exchange.req.method === 'HEAD' ? undefined : NONSENSE);
  runOut(exchange.req);
}

/** Bytes that are no HTTP, and the end of the connection. */
export function breakWire({ req }: Exchange): void {
  req.socket.end(NONSENSE.subarray(60));
  runOut(req);
}
