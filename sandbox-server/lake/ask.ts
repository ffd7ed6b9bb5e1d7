/**
 * One question to a server of the lake over https: its certificate is checked against the lake's authority by the
 * name it was made for, wherever it is reached; bounded in time. The agent's few sockets are the bound on how much
 * of the lake's processor all watched tabs together may take: further questions wait in line.
 */
import { Agent, request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import type { LakeDoor } from './face.ts';
import { LakeOut, down } from './trouble.ts';

/** of 8 threads that serve Rucio on two cores */
const SOCKETS = 3;
const PATIENCE_MS = 10_000;

export interface Question {
  readonly method?: 'GET' | 'POST';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}
/** @returns the answer whatever its status; its body must be read or destroyed. Throws LakeOut `down`. */
export type Ask = (question: Question, signal: AbortSignal) => Promise<IncomingMessage>;

export function createAgent(): Agent {
  return new Agent({ keepAlive: true, maxSockets: SOCKETS, scheduling: 'fifo' });
}

/** @param ca PEM text; null: the system's authorities */
export function askAt(door: LakeDoor, ca: string | null, agent: Agent): Ask {
  return async (question, signal) => {
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
    try {
      return await send(door, ca, agent, question, bounded);
    } catch (error) {
      signal.throwIfAborted();
      throw new LakeOut(down(wordFor(error)), { cause: error });
    }
  };
}

/** A socket kept open may have been closed by the other side in the very moment it was used again: once more then. */
async function send(
  door: LakeDoor,
  ca: string | null,
  agent: Agent,
  question: Question,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const once = () =>
    new Promise<IncomingMessage>((answered, failed) => {
      const sent = request({
        agent,
        signal,
        method: question.method ?? 'GET',
        host: door.to.host,
        port: door.to.port,
        servername: door.host,
        ...(ca === null ? {} : { ca }),
        path: question.path,
        headers: { host: `${door.host}:${String(door.port)}`, ...question.headers },
      });
      sent.on('error', (error) => failed(sent.reusedSocket ? new StaleSocket(error) : error));
      sent.on('response', answered);
      sent.end(question.body);
    });
  try {
    return await once();
  } catch (error) {
    if (!(error instanceof StaleSocket) || signal.aborted) throw error;
    return once();
  }
}
class StaleSocket extends Error {
  constructor(cause: Error) {
    super(cause.message, { cause });
  }
}

function wordFor(error: unknown): string {
  const cause = error instanceof StaleSocket ? error.cause : error;
  if (!(cause instanceof Error)) return 'no reason';
  if (cause.name === 'TimeoutError' || cause.name === 'AbortError')
    return `not within ${String(PATIENCE_MS / 1000)} s`;
  const { code } = cause as NodeJS.ErrnoException;
  switch (code) {
    case 'ECONNREFUSED':
      return 'nothing listens there';
    case 'ECONNRESET':
      return 'it hung up';
    default:
      return code?.includes('CERT') === true || code?.startsWith('ERR_TLS') === true
        ? 'its certificate is not the one it should be'
        : (code ?? cause.message);
  }
}
