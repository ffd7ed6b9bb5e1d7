/**
 * A gate: https before one XRootD. It stays out of the way but for faults that a learner has set for their own
 * folder, for tape's wait, and for requests that XRootD would misread.
 */
import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { strikesOf, type Strikes } from '../fault.ts';
import { readFaults } from '../fault-folder.ts';
import type { Tape } from '../tape.ts';
import type { Audience } from '../tokens.ts';
import type { AccessLog } from './access-log.ts';
import { readCall, type Call, type CallReading } from './call.ts';
import { answerNonsense, breakWire, hasBody, refuse, type Exchange } from './exchange.ts';
import { forward, sizeOf } from './forward.ts';
import { valueOf } from './headers.ts';
import { fitRange } from './ranges.ts';
import { startRecord, type Record } from './record.ts';

export interface GateOptions {
  readonly rse: string;
  readonly audience: Audience;
  /** XRootD's http port on loopback */
  readonly inner: number;
  /** `host:port` of all elements of the lake */
  readonly peers: readonly string[];
  readonly tls: { readonly cert: string | Buffer; readonly key: string | Buffer };
  /** see fault-folder.ts */
  readonly faults: string;
  readonly log: AccessLog;
  /** null: disk */
  readonly tape: Tape | null;
  /** @returns whether the machine's disk has room for more; a learner's mistake must not fill it for all */
  readonly hasRoom: () => Promise<boolean>;
}

/** tokens of many groups, and a second one for the other side of a copy */
const HEADER_BYTES = 64 * 1024;

export function createGate(options: GateOptions): Server {
  const server = createServer({
    ...options.tls,
    minVersion: 'TLSv1.2',
    ALPNProtocols: ['http/1.1'],
    maxHeaderSize: HEADER_BYTES,
    // gigabytes over a slow line take longer than Node's five minutes
    requestTimeout: 0,
    headersTimeout: 30_000,
    keepAliveTimeout: 60_000,
  });
  const take = (waits: boolean) => (req: IncomingMessage, res: ServerResponse) => {
    const exchange: Exchange = { req, res, waits, bytes: { in: 0, out: 0 } };
    serve(exchange, options).catch((error: unknown) => {
      process.stderr.write(`${options.rse}: ${req.method} failed: ${String(error)}\n`);
      if (res.headersSent) res.destroy();
      else refuse(exchange, { status: 500, sentence: 'The gate of this element failed.' });
    });
  };
  server.on('request', take(false));
  server.on('checkContinue', take(true));
  server.maxConnections = 2_000;
  return server;
}

async function serve(exchange: Exchange, options: GateOptions): Promise<void> {
  const { req } = exchange;
  const reading = readCall(
    { method: req.method ?? '', target: req.url ?? '', rawHeaders: req.rawHeaders },
    { host: `${options.audience.host}:${options.audience.port}`, peers: options.peers },
  );
  const record = startRecord(exchange, reading, options);
  if (!reading.ok) {
    record.refused(reading.refusal.why, reading.refusal.sentence);
    refuse(exchange, reading.refusal);
    return;
  }
  const strikes = await strikesFor(reading, options);
  if (await struck(exchange, reading.call, strikes, record, options)) return;
  if (!(await waited(exchange, reading.call, strikes, record, options.tape))) return;
  const call = await fitted(exchange, reading.call, options.inner);
  if (call === null) return;
  forward(exchange, call, {
    port: options.inner,
    rate: strikes.slow?.rate ?? null,
    absent: `${options.rse} does not answer: its storage server is down.`,
  });
}

/** Faults of everybody whose folder this is about, and of nobody else. */
async function strikesFor(reading: CallReading & { ok: true }, options: GateOptions): Promise<Strikes> {
  const users = new Set([reading.call.at.learner, reading.call.to?.learner].filter((one) => one != null));
  const standing = await Promise.all(
    [...users].map((user) => readFaults(options.faults, { rse: options.rse, user })),
  );
  return strikesOf(standing.flat(), Date.now());
}

/** @returns whether it was answered here */
async function struck(
  exchange: Exchange,
  call: Call,
  strikes: Strikes,
  record: Record,
  options: GateOptions,
): Promise<boolean> {
  const { rse } = options;
  if (strikes.refuse !== undefined) {
    record.struck('refuse');
    const sentence = `${rse} refuses requests for this folder.`;
    refuse(exchange, { status: strikes.refuse.status, sentence });
    return true;
  }
  if (strikes.garble !== undefined) {
    record.struck('garble');
    if (strikes.garble.how === 'wire') breakWire(exchange);
    else answerNonsense(exchange);
    return true;
  }
  if (!call.writes) return false;
  if (strikes.full !== undefined) record.struck('full');
  else if (!hasBody(exchange.req) && call.method === 'PUT') return false;
  else if (await options.hasRoom()) return false;
  refuse(exchange, { status: 507, sentence: `${rse} is full: no space left on the device.` });
  return true;
}

/** @returns false where the client did not wait with us */
async function waited(
  exchange: Exchange,
  call: Call,
  strikes: Strikes,
  record: Record,
  tape: Tape | null,
): Promise<boolean> {
  const staged = tape === null || !call.reads ? 0 : tape.read(call.at.path);
  record.waited(staged);
  if (strikes.slow !== undefined) record.struck('slow');
  const ms = staged + (strikes.slow?.ms ?? 0);
  if (ms > 0) await pause(ms, exchange.res);
  return !exchange.res.destroyed;
}

/** A part of a file with both its ends inside the file. @returns null where there is none, which was answered here */
async function fitted(exchange: Exchange, call: Call, inner: number): Promise<Call | null> {
  const asked = call.method === 'GET' ? valueOf(call.headers, 'range') : null;
  const size = asked === null ? null : await sizeOf(call, inner);
  if (asked === null || size === null) return call;
  const range = fitRange(asked, size);
  if (range.kind === 'unsatisfiable') {
    exchange.res.setHeader('Content-Range', `bytes */${size}`);
    refuse(exchange, { status: 416, sentence: `The file has ${size} bytes: there is no such part of it.` });
    return null;
  }
  const others = call.headers.filter(([name]) => name !== 'Range');
  return { ...call, headers: range.kind === 'whole' ? others : [...others, ['Range', range.value]] };
}

async function pause(ms: number, res: ServerResponse): Promise<void> {
  const gone = new AbortController();
  const leave = () => gone.abort();
  res.once('close', leave);
  try {
    await delay(ms, undefined, { signal: gone.signal });
  } catch (error) {
    if ((error as Error).name !== 'AbortError') throw error;
  } finally {
    res.off('close', leave);
  }
}
