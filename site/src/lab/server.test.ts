import { createServer as listenHttp } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createServer, Refused, sentence } from './server.ts';

const closing: (() => void)[] = [];
afterEach(() => closing.splice(0).forEach((close) => close()));

/** A real server on loopback that answers every request the same and remembers them. */
async function answering(status: number, body: string) {
  const seen: { method: string; url: string; header: string | undefined; body: string }[] = [];
  const http = listenHttp((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      seen.push({
        method: request.method ?? '',
        url: request.url ?? '',
        header: request.headers['x-palestra'] as string | undefined,
        body: text,
      });
      response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    });
  });
  await new Promise<void>((done) => http.listen(0, '127.0.0.1', done));
  closing.push(() => http.close());
  return {
    seen,
    server: createServer(fetch, `http://127.0.0.1:${String((http.address() as AddressInfo).port)}`),
  };
}

describe('the server as the page speaks to it', () => {
  it('reads JSON and sends no XSRF header with a GET', async () => {
    const { seen, server } = await answering(200, '{"a":1}');
    expect(await server.get('/api/session')).toEqual({ a: 1 });
    expect(seen).toEqual([{ method: 'GET', url: '/api/session', header: undefined, body: '' }]);
  });

  it('T13 sends the XSRF header with whatever changes something', async () => {
    const { seen, server } = await answering(200, '{}');
    await server.post('/api/labs', { course: 'dask' });
    await server.remove('/api/labs/x');
    await server.raw('/f', { method: 'PUT', body: 'b' });
    expect(seen.map(({ method, header }) => [method, header])).toEqual([
      ['POST', '1'],
      ['DELETE', '1'],
      ['PUT', '1'],
    ]);
    expect(seen[0]?.body).toBe('{"course":"dask"}');
  });

  it('throws the server’s own code, sentence and details', async () => {
    const { server } = await answering(
      409,
      '{"code":"busy","message":"Terminal 1 is busy.","details":{"terminal":"1"}}',
    );
    const error = await server.post('/x').catch((e: unknown) => e);
    expect(error).toBeInstanceOf(Refused);
    expect(error).toMatchObject({ code: 'busy', message: 'Terminal 1 is busy.', details: { terminal: '1' } });
  });

  it.each(['<html>502 Bad Gateway</html>', 'null', '[]', '{"code":7}', ''])(
    'survives an answer that is no problem body: %s',
    async (body) => {
      const { server } = await answering(502, body);
      await expect(server.get('/x')).rejects.toMatchObject({
        code: 'internal',
        message: expect.stringContaining('502') as string,
      });
    },
  );

  it('calls no answer at all offline', async () => {
    const server = createServer(fetch, 'http://127.0.0.1:1');
    await expect(server.get('/x')).rejects.toMatchObject({ code: 'offline' });
  });

  it('gives a sentence for anything thrown', () => {
    expect(sentence(new Refused('timeout', 'Too slow.'))).toBe('Too slow.');
    expect(sentence('odd')).toMatch(/Reload/);
  });
});
