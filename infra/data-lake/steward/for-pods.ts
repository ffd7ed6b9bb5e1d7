/** The steward for whoever is in another pod: https under Rucio's name, and a token that the chart gave both. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { createServer, type Server } from 'node:https';
import { bearerOf } from '../issuer/ended-token.ts';
import type { LakePlace } from '../place.ts';

/** @returns once it listens, at `place.stewardPort` */
export async function listenToPods(
  place: LakePlace,
  steward: RequestListener,
  token: string,
): Promise<Server> {
  const { cert, key } = place.authority.certificates.rucio;
  const tls = { cert: await readFile(cert), key: await readFile(key) };
  const server = createServer(tls, (request, response) => {
    if (isSame(bearerOf(request.headers.authorization), token)) return steward(request, response);
    response.writeHead(401).end();
  });
  server.listen(place.stewardPort, place.listen);
  await once(server, 'listening');
  return server;
}

/** As hashes: of one length, and nothing is told by the time it takes. */
function isSame(shown: string, token: string): boolean {
  return timingSafeEqual(hashOf(shown), hashOf(token));
}

function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
