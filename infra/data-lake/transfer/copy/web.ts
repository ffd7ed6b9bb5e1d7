/** https to elements and the issuer: our own authority, our own names, everything bounded and abortable. */
import { lookup as systemLookup } from 'node:dns';
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';

export interface Asking {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
  /** until the head of the answer, and between pieces of its body */
  readonly patienceMs: number;
}
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}
export interface Web {
  /** The whole answer; of its body at most 256 kB. Redirects are not followed: a token is for one host. */
  ask(method: string, url: URL, asking: Asking): Promise<Answer>;
  /** The head of the answer; the body is the caller's to read or to destroy. */
  open(method: string, url: URL, asking: Asking): Promise<IncomingMessage>;
  close(): void;
}

const MOST_BODY = 256 * 1024;
const CONNECT_MS = 10_000;

/** @param names what resolves otherwise than the system says, such as `.test` names to loopback */
export function createWeb(options: { ca?: string; names?: Readonly<Record<string, string>> } = {}): Web {
  const agent = new Agent({
    keepAlive: true,
    // shorter than servers': a connection that they just closed would break a request
    keepAliveMsecs: 1000,
    timeout: 4000,
    ...(options.ca === undefined ? {} : { ca: options.ca }),
    lookup: lookupWith(options.names ?? {}),
  });

  function open(method: string, url: URL, asking: Asking): Promise<IncomingMessage> {
    return send(agent, method, url, asking).catch((error: unknown) => {
      // an idle connection died at the moment of its use: nothing was done, the question is simply asked again
      if (error instanceof StaleConnection) return send(agent, method, url, asking);
      throw error;
    });
  }
  return {
    async open(method, url, asking) {
      const answer = await open(method, url, asking);
      // how long its body may be silent is the reader's to say
      answer.setTimeout(0);
      return answer;
    },
    async ask(method, url, asking) {
      const answer = await open(method, url, asking);
      return { status: answer.statusCode ?? 0, headers: answer.headers, body: await bodyOf(answer) };
    },
    close: () => agent.destroy(),
  };
}

class StaleConnection extends Error {}

function send(agent: Agent, method: string, url: URL, asking: Asking): Promise<IncomingMessage> {
  return new Promise((done, fail) => {
    const asked = httpsRequest(url, {
      method,
      agent,
      timeout: asking.patienceMs,
      headers: { ...asking.headers, ...lengthOf(asking.body) },
      ...(asking.signal === undefined ? {} : { signal: asking.signal }),
    });
    connectInTime(asked);
    asked.once('timeout', () => asked.destroy(timedOut()));
    asked.once('response', done);
    asked.once('error', (error: NodeJS.ErrnoException) => {
      fail(
        asked.reusedSocket && error.code === 'ECONNRESET' ? new StaleConnection('', { cause: error }) : error,
      );
    });
    asked.end(asking.body);
  });
}

/** A host that answers nothing at all would hold a slot for minutes: the kernel tries that long. */
function connectInTime(asked: ClientRequest): void {
  asked.once('socket', (socket) => {
    if (!socket.connecting) return;
    const timer = setTimeout(() => asked.destroy(timedOut()), CONNECT_MS);
    socket.once('secureConnect', () => clearTimeout(timer)).once('close', () => clearTimeout(timer));
  });
}

function timedOut(): Error {
  return Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' });
}

function lengthOf(body: string | undefined): Record<string, string> {
  return body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
}

/** @throws the stream's own error where the answer broke off */
async function bodyOf(answer: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of answer as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > MOST_BODY) {
      answer.destroy();
      break;
    }
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

/** Both forms in which Node asks: one address, or all of them. */
function lookupWith(names: Readonly<Record<string, string>>): LookupFunction {
  return (host, options, callback) => {
    const address = names[host];
    if (address === undefined) systemLookup(host, options, callback);
    else if (options.all === true) callback(null, [{ address, family: address.includes(':') ? 6 : 4 }]);
    else callback(null, address, address.includes(':') ? 6 : 4);
  };
}
