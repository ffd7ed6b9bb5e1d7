/** Resources of the whole home: its state, out as a snapshot, in by a restore. */
import { pipeline } from 'node:stream/promises';
import { constants as zlib, createZstdCompress } from 'node:zlib';
import type { HomeBounds } from '../../contract/agent.ts';
import { jsonBody, sendJson } from '../http/call.ts';
import type { Call } from '../http/call.ts';
import type { Route } from '../http/routes.ts';
import { Refusal, errnoOf } from '../refusal.ts';
import type { KeptHome } from './kept-home.ts';

const SUMMARY = 'x-palestra-summary';
/** 200 MB of sources and notebooks: level 1 took half the time of 3 for a tenth more bytes */
const LEVEL = 1;
const READ = { op: 'snapshot', mode: 'read' } as const;
const WRITE = { op: 'snapshot', mode: 'write' } as const;

export function homeRoutes(home: KeptHome): Route[] {
  return [
    {
      method: 'GET',
      path: /^\/v1\/home$/,
      need: READ,
      async serve({ response }) {
        sendJson(response, 200, await home.state());
      },
    },
    { method: 'POST', path: /^\/v1\/snapshot$/, need: READ, serve: (call) => snapshot(home, call) },
    { method: 'POST', path: /^\/v1\/restore$/, need: WRITE, serve: (call) => restore(home, call) },
  ];
}

/** The summary comes as a trailer: it is known, and believed, only once all bytes have gone. */
async function snapshot(home: KeptHome, { request, response }: Call): Promise<void> {
  const going = await home.snapshot(boundsOf(await jsonBody(request, 1024)));
  response.writeHead(200, { 'content-type': 'application/zstd', trailer: SUMMARY });
  const compress = createZstdCompress({
    params: { [zlib.ZSTD_c_compressionLevel]: LEVEL, [zlib.ZSTD_c_checksumFlag]: 1 },
  });
  try {
    await pipeline(going.tar, compress, response, { end: false });
  } catch (error) {
    if (errnoOf(error) === 'ERR_STREAM_PREMATURE_CLOSE') return; // whoever asked has gone: nobody to tell
    throw error;
  }
  response.addTrailers({ [SUMMARY]: Buffer.from(JSON.stringify(going.summary())).toString('base64url') });
  response.end();
}

async function restore(home: KeptHome, { request, response, query }: Call): Promise<void> {
  const bounds = boundsOf({ bytes: Number(query.get('bytes')), entries: Number(query.get('entries')) });
  sendJson(response, 200, await home.restore(request, bounds));
}

function boundsOf({ bytes, entries }: Record<string, unknown>): HomeBounds {
  const isBound = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0;
  if (!isBound(bytes) || !isBound(entries))
    throw new Refusal('bad-request', 'The bounds of a home do not fit the contract.');
  return { bytes, entries };
}
