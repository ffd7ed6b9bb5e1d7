import { once } from 'node:events';
import { createServer } from 'node:https';
import type { Agent } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { askAt, createAgent } from './ask.ts';
import { certificate, lakeServer } from './testing/lake-server.ts';
import type { LakeServer } from './testing/lake-server.ts';
import { LakeOut } from './trouble.ts';

let lake: LakeServer;
let agent: Agent;
const never = new AbortController().signal;
beforeAll(async () => void (await certificate()));
beforeEach(async () => {
  lake = await lakeServer();
  agent = createAgent();
});
afterEach(async () => {
  agent.destroy();
  await lake[Symbol.asyncDispose]();
});
const said = (asking: Promise<unknown>): Promise<string> =>
  asking.then(
    () => 'an answer',
    (error: unknown) => (error instanceof LakeOut ? error.trouble.message : String(error)),
  );

describe('a question to the lake', () => {
  it('is answered by the name in the certificate, wherever it is reached', async () => {
    let host: string | undefined;
    lake.says.set('/ping', (request, response) => {
      host = request.headers.host;
      response.end('pong');
    });
    const answer = await askAt(lake.address.rucio, lake.address.ca, agent)({ path: '/ping' }, never);
    expect([await text(answer), host]).toEqual(['pong', 'rucio.palestra.test:31447']);
  });

  it.each([
    ['no authority of ours', { ca: null }],
    ['the name of another server', { host: 'cnaf.palestra.test' }],
  ])('refuses a certificate: %s', async (_what, { ca, host }: { ca?: null; host?: string }) => {
    const door = { ...lake.address.rucio, ...(host === undefined ? {} : { host }) };
    const ask = askAt(door, ca === undefined ? lake.address.ca : ca, agent);
    expect(await said(ask({ path: '/ping' }, never))).toContain(
      'its certificate is not the one it should be',
    );
    expect(lake.asked).toEqual([]);
  });

  it('says that nothing listens where nothing does', async () => {
    await lake.stop();
    const ask = askAt(lake.address.rucio, lake.address.ca, agent);
    expect(await said(ask({ path: '/ping' }, never))).toContain('nothing listens there');
  });

  it('ends with the reason of who asked, who does not want it any more', async () => {
    const stop = new AbortController();
    lake.says.set('/slow', () => stop.abort(new Error('nobody watches')));
    const asking = askAt(lake.address.rucio, lake.address.ca, agent)({ path: '/slow' }, stop.signal);
    await expect(asking).rejects.toThrow('nobody watches');
  });

  it('is asked once more where a socket that was kept is closed in that moment', async () => {
    const { key, cert } = await certificate();
    let questions = 0;
    // gunicorn closes idle connections by itself: here after each answer, without a word
    const server = createServer({ key, cert }, (request, response) => {
      if (++questions === 2) return void request.socket.destroy();
      response.end(String(questions));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const door = {
      ...lake.address.rucio,
      to: { host: '127.0.0.1', port: (server.address() as AddressInfo).port },
    };
    const ask = askAt(door, cert, agent);
    expect(await text(await ask({ path: '/' }, never))).toBe('1');
    expect(await text(await ask({ path: '/' }, never))).toBe('3');
    server.close().closeAllConnections();
  });

  it('never holds more than three sockets, whoever asks', async () => {
    let [open, most] = [0, 0];
    lake.says.set('/busy', (_request, response) => {
      most = Math.max(most, ++open);
      setTimeout(() => response.end(String(open--)), 20);
    });
    const ask = askAt(lake.address.rucio, lake.address.ca, agent);
    await Promise.all(Array.from({ length: 12 }, async () => text(await ask({ path: '/busy' }, never))));
    expect(most).toBe(3);
  });
});
