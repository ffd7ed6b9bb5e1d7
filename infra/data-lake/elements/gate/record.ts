/** What becomes of a request, gathered until its answer is over, then one line of the access log. */
import type { FaultKind } from '../fault.ts';
import { readClaims, sentenceOfRefusal, whyRefused, type Audience } from '../tokens.ts';
import type { AccessEntry, AccessLog } from './access-log.ts';
import type { Call, CallReading } from './call.ts';
import type { Exchange } from './exchange.ts';

export interface Record {
  refused(why: string, said: string): void;
  struck(kind: FaultKind): void;
  waited(ms: number): void;
}

export interface RecordOptions {
  readonly rse: string;
  readonly audience: Audience;
  readonly log: AccessLog;
}

/** what a token says of itself, and what is no path, is as long as its writer likes */
const TEXT_LENGTH = 200;
const SUB_LENGTH = 64;
/** enough to find it among an issuer's records, too little to be of use */
const JTI_LENGTH = 8;

export function startRecord(exchange: Exchange, reading: CallReading, options: RecordOptions): Record {
  const { req, res, bytes } = exchange;
  const began = performance.now();
  const noted: { why?: string; said?: string; faults?: string[]; staged?: number } = {};
  const write = (cut: boolean) => {
    // what `health` asks each time concerns nobody
    if (reading.ok && reading.call.method === 'OPTIONS') return;
    options.log.write({
      time: new Date().toISOString(),
      element: options.rse,
      method: req.method ?? '',
      ...placesOf(reading, req.url ?? ''),
      status: res.headersSent ? res.statusCode : 0,
      ms: Math.round(performance.now() - began),
      ...bytes,
      ...whoOf(reading.ok ? reading.call.token : reading.token),
      ...(reading.ok && noted.faults === undefined
        ? reasonOf(reading.call, res.statusCode, options.audience)
        : {}),
      ...noted,
      ...(cut ? { cut: true } : {}),
    });
  };
  let written = false;
  // with the last bytes of an answer: a check that asks for the log next finds the line
  res.once('prefinish', () => {
    written = true;
    write(false);
  });
  res.once('close', () => {
    if (!written) write(true);
  });
  return {
    refused: (why, said) => void Object.assign(noted, { why, said }),
    struck: (kind) => void (noted.faults = [...(noted.faults ?? []), kind]),
    waited: (ms) => {
      if (ms > 0) noted.staged = Math.round(ms);
    },
  };
}

function placesOf(reading: CallReading, target: string): Pick<AccessEntry, 'path' | 'to' | 'whose'> {
  const at = reading.ok ? reading.call.at : reading.at;
  const to = reading.ok ? reading.call.to : null;
  const whose = [at?.learner, to?.learner].filter((one) => one != null);
  return {
    // without a query: tokens stand there sometimes
    path: at?.path ?? (target.split('?')[0] ?? '').slice(0, TEXT_LENGTH),
    ...(to === null ? {} : { to: to.path }),
    whose: [...new Set(whose)],
  };
}

function whoOf(token: string | null): Pick<AccessEntry, 'who'> {
  const claims = token === null ? null : readClaims(token);
  if (claims === null) return {};
  const { sub = '', jti = '' } = claims;
  return { who: { sub: sub.slice(0, SUB_LENGTH), jti: jti.slice(0, JTI_LENGTH), verified: false } };
}

/** XRootD says 403 to every token it does not like, and 401 to a copy. */
function reasonOf(call: Call, status: number, audience: Audience): Pick<AccessEntry, 'why' | 'said'> {
  if (status !== 401 && status !== 403) return {};
  const why =
    call.token === null && call.tokenInAddress
      ? 'token-in-address'
      : whyRefused(call.token, audience, call.needs);
  return { why, said: sentenceOfRefusal(why, call.needs) };
}
