/**
 * A request on its way to XRootD and the answer back, both as streams: nothing is held but what the slower side lets
 * wait. Each request gets a connection of its own to XRootD, which keeps who somebody is per connection: two learners
 * never share one. On loopback that costs 50 µs.
 */
import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import { pipeline, type Readable } from 'node:stream';
import type { Call } from './call.ts';
import { hasBody, refuse, runOut, type Exchange } from './exchange.ts';
import { backward } from './headers.ts';
import { throttle } from './throttle.ts';

export interface Onward {
  /** XRootD's http port on loopback */
  readonly port: number;
  /** bytes a second each way; null: as fast as it goes */
  readonly rate: number | null;
  /** what to say when XRootD is not there */
  readonly absent: string;
}

/** a pull writes a marker every 5 s, tape waits for seconds, a checksum of gigabytes takes tens of them */
const SILENCE_MS = 600_000;
const SIZE_MS = 10_000;

export function forward(exchange: Exchange, call: Call, onward: Onward): void {
  const out = requestOf(call, exchange.req, onward.port);
  const give = () => giveBody(exchange, out, onward.rate);
  out.once('continue', () => {
    if (exchange.waits) exchange.res.writeContinue();
    give();
  });
  out.once('response', (back) => takeAnswer(exchange, back, onward.rate));
  out.on('error', () => lost(exchange, onward.absent));
  out.setTimeout(SILENCE_MS, () => out.destroy(new Error('silence')));
  exchange.res.once('close', () => out.destroy());
  if (out.getHeader('expect') !== undefined) {
    out.flushHeaders();
    return;
  }
  if (exchange.waits) exchange.res.writeContinue();
  give();
}

/** @returns how long a file is, as XRootD tells whoever brought this call; null where it does not */
export function sizeOf(call: Call, port: number): Promise<number | null> {
  const headers = call.headers.filter(([name]) => name !== 'Range');
  const head: Call = { ...call, method: 'HEAD', headers };
  return new Promise((done) => {
    const out = outOf(head, port);
    out.once('response', (back) => {
      back.resume();
      const length = back.headers['content-length'];
      done(back.statusCode === 200 && length !== undefined ? Number(length) : null);
    });
    // what is wrong the request itself will tell
    out.once('error', () => done(null));
    // of a folder XRootD does not always answer
    out.setTimeout(SIZE_MS, () => out.destroy());
    out.end();
  });
}

/**
 * PUT always asks first (`Expect: 100-continue`): XRootD decides before content comes, so its refusal is never lost
 * in a connection that it cuts while we still write.
 */
function requestOf(call: Call, req: IncomingMessage, port: number): ClientRequest {
  const out = outOf(call, port);
  if (req.headers['transfer-encoding'] !== undefined) out.setHeader('Transfer-Encoding', 'chunked');
  if (call.method === 'PUT' && hasBody(req)) out.setHeader('Expect', '100-continue');
  return out;
}

function outOf(call: Call, port: number): ClientRequest {
  const out = request({
    host: '127.0.0.1',
    port,
    method: call.method,
    path: call.at.wire,
    setHost: false,
    agent: false,
    // XRootD says `Connection: Close` in its 100 already, after which a strict reader takes nothing more
    insecureHTTPParser: true,
  });
  // Node would announce chunks for every COPY and MKCOL, which have no content; XRootD then waits for some
  out.useChunkedEncodingByDefault = false;
  for (const name of new Set(call.headers.map(([one]) => one))) {
    const values = call.headers.filter(([one]) => one === name).map(([, value]) => value);
    out.setHeader(name, values.length === 1 ? (values[0] ?? '') : values);
  }
  return out;
}

function giveBody({ req, res, bytes }: Exchange, out: ClientRequest, rate: number | null): void {
  if (!hasBody(req)) {
    out.end();
    return;
  }
  const source: Readable = rate === null ? req : pipeline(req, throttle(rate), ignoreEnd);
  source.on('data', (chunk: Buffer) => void (bytes.in += chunk.length));
  source.pipe(out);
  // an answer before the end of the content: XRootD wants no more of it
  res.once('finish', () => {
    source.unpipe(out);
    out.destroy();
    runOut(req);
  });
}

function takeAnswer({ res, bytes }: Exchange, back: IncomingMessage, rate: number | null): void {
  if (res.headersSent || res.destroyed) {
    back.destroy();
    return;
  }
  res.writeHead(
    back.statusCode ?? 502,
    back.statusMessage,
    backward(back.rawHeaders).flatMap(([name, value]) => [name, value]),
  );
  res.flushHeaders();
  back.on('data', (chunk: Buffer) => void (bytes.out += chunk.length));
  // an answer that breaks off breaks off for the client too: pipeline cuts the connection
  if (rate === null) pipeline(back, res, ignoreEnd);
  else pipeline(back, throttle(rate), res, ignoreEnd);
}

/** Both ends are closed by pipeline itself; that an answer was cut stands in the log. */
function ignoreEnd(): void {
  return;
}

function lost(exchange: Exchange, absent: string): void {
  if (exchange.res.destroyed || exchange.res.writableFinished) return;
  // while an answer comes its own pipeline says how that went
  if (!exchange.res.headersSent) refuse(exchange, { status: 503, sentence: absent });
}
