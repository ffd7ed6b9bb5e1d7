/** Between a client and the S3 gateway: passes everything on, except where a test says otherwise. */
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * `cut`: the connection breaks; `lose-answer`: done, and then it breaks; `hold`: nothing goes on until `letGo`;
 * `hold-answer`: done, and the answer waits until `letGo`
 */
export type Fault = 'pass' | 'cut' | '503' | 'lose-answer' | 'hold' | 'hold-answer';

export interface Faulty extends AsyncDisposable {
  readonly endpoint: string;
  /** what becomes of each request */
  fault: (request: http.IncomingMessage) => Fault;
  /** resolves when something is held */
  readonly held: Promise<void>;
  /** what is held goes on; what comes later may be held again */
  letGo(): void;
}

/** @param endpoint of the gateway */
export async function startFaulty(endpoint: string): Promise<Faulty> {
  let held = Promise.withResolvers<void>();
  let gate = Promise.withResolvers<void>();
  const hold = (): Promise<void> => {
    held.resolve();
    return gate.promise;
  };
  const server = http.createServer((request, response) => void serve(request, response));
  const serve = async (request: http.IncomingMessage, response: http.ServerResponse): Promise<void> => {
    const what = it.fault(request);
    if (what === 'cut') return void request.socket.destroy();
    if (what === '503') {
      request.resume();
      return void response.writeHead(503, { connection: 'close' }).end();
    }
    if (what === 'hold') await hold();
    const onward = http.request(endpoint + (request.url ?? ''), {
      method: request.method,
      headers: request.headers,
    });
    onward.on('response', (answer) => void passOn(what, answer, response));
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  };
  const passOn = async (
    what: Fault,
    answer: http.IncomingMessage,
    response: http.ServerResponse,
  ): Promise<void> => {
    if (what === 'lose-answer') return void answer.resume().on('end', () => response.destroy());
    if (what === 'hold-answer') await hold();
    response.writeHead(answer.statusCode ?? 500, answer.headers);
    answer.pipe(response);
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const it: Faulty = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    fault: () => 'pass',
    get held() {
      return held.promise;
    },
    letGo() {
      gate.resolve();
      held = Promise.withResolvers();
      gate = Promise.withResolvers();
    },
    async [Symbol.asyncDispose]() {
      it.letGo();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
  return it;
}
