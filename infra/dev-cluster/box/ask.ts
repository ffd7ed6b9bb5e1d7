/** Questions to the programs of the node: are you ready; and to the API server, as its administrator. */
import { readFileSync } from 'node:fs';
import { request as plainRequest } from 'node:http';
import { Agent, request as tlsRequest } from 'node:https';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { ClusterPlace } from '../place.ts';
import type { Daemon } from './daemons.ts';

const PATIENCE = 2_000;

export interface Asked {
  readonly status: number;
  readonly body: string;
}

export interface Asker {
  ready(daemon: Daemon): Promise<boolean>;
  /** a GET of the API server; null where it does not answer now (on a busy machine it may take long) */
  api(path: string): Promise<Asked | null>;
  close(): void;
}

export function createAsker(place: ClusterPlace): Asker {
  const pki = (name: string) => readFileSync(join(place.folders.pki, name));
  const anonymous = new Agent({ ca: pki('ca.crt'), keepAlive: false });
  const admin = new Agent({
    ca: pki('ca.crt'),
    cert: pki('admin.crt'),
    key: pki('admin.key'),
    keepAlive: true,
  });
  return {
    async ready({ ready }) {
      if ('socket' in ready) return listens(ready.socket);
      const answer = await ask(ready.url, anonymous).catch((error: unknown) => notThere(error));
      return answer !== null && answer.status === 200;
    },
    api: (path) => ask(`${place.api}${path}`, admin).catch((error: unknown) => notThere(error)),
    close: () => admin.destroy(),
  };
}

function ask(url: string, agent: Agent): Promise<Asked> {
  const signal = AbortSignal.timeout(PATIENCE);
  return new Promise((done, fail) => {
    const options = { signal, headers: { accept: 'application/json' } };
    const sent = url.startsWith('https:')
      ? tlsRequest(url, { ...options, agent }, heard)
      : plainRequest(url, options, heard);
    sent.once('error', fail);
    sent.end();
    function heard(answer: import('node:http').IncomingMessage): void {
      let body = '';
      answer.setEncoding('utf8');
      answer.on('data', (text: string) => (body += text));
      answer.once('error', fail);
      answer.once('end', () => done({ status: answer.statusCode ?? 0, body }));
    }
  });
}

function listens(path: string): Promise<boolean> {
  return new Promise((done, fail) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      done(true);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (['ENOENT', 'ECONNREFUSED'].includes(error.code ?? '')) done(false);
      else fail(error);
    });
  });
}

/** One that does not listen yet, hangs, or ends while it is asked. */
function notThere(error: unknown): null {
  const { code, name } = error as NodeJS.ErrnoException;
  if (name === 'AbortError' || name === 'TimeoutError') return null;
  if (
    ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENETUNREACH', 'EHOSTUNREACH'].includes(code ?? '')
  )
    return null;
  throw error;
}
