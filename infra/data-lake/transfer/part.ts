/** The transfer service as a part of the lake. */
import { createHash } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ask } from '../ask.ts';
import { healthOf, ownFile, ownFolder, startServer, stopServer, untilHealthy, type Part } from '../part.ts';
import { endpointsOf, type LakePlace } from '../place.ts';
import { Settings } from './settings.ts';

const NAME = 'transfer';

export function createTransferPart(place: LakePlace): Part {
  const part: Part = {
    name: NAME,
    stage: 'transfer',
    // Node does it all
    packages: [],
    async start() {
      await ownFolder(place.folders.transfer, place.users.transfer);
      const settings = JSON.stringify(settingsFor(place), null, 2);
      const file = join(place.folders.transfer, 'settings.json');
      await ownFile(file, settings, place.users.transfer);
      await startServer(place, {
        name: NAME,
        // it becomes its own user by itself, after it has loaded code that this user may not be able to reach
        user: null,
        argv: [process.execPath, join(import.meta.dirname, 'main.ts'), file],
        revision: await revisionOf(place, settings),
      });
      await untilHealthy(place, part, [NAME]);
    },
    health: () => healthOf(place, [NAME], () => standing(place)),
    // copies under way are broken off at once and taken up at the next start
    stop: () => stopServer(place, NAME),
    async reset() {
      await rm(place.folders.transfer, { recursive: true, force: true });
    },
  };
  return part;
}

/** The service's settings for this lake; pure. */
export function settingsFor(place: LakePlace): Settings {
  const { cert, key } = place.authority.certificates.fts;
  return Settings.parse({
    listen: { host: place.listen, port: place.fts.port },
    tls: { cert, key },
    ca: place.authority.ca,
    // who is not root has no /etc/hosts of its own
    names: Object.fromEntries(endpointsOf(place).map(({ host }) => [host, '127.0.0.1'])),
    issuer: place.issuer,
    // Rucio asks for a token for the host of the RSE attribute `fts`
    audiences: ['fts', place.fts.host, `https://${place.fts.host}:${place.fts.port}`],
    elements: place.elements.map(({ host, port }) => `${host}:${port}`),
    state: place.folders.transfer,
    user: place.users.transfer === null ? null : Number(place.users.transfer),
  });
}

/** A new certificate needs a new start, and so does newer code. */
async function revisionOf(place: LakePlace, settings: string): Promise<string> {
  const hash = createHash('sha256').update(settings);
  hash.update(await readFile(place.authority.certificates.fts.cert));
  for (const name of (await readdir(import.meta.dirname, { recursive: true })).sort())
    if (/\.(?:ts|html|css|js)$/.test(name) && !/\.test\.ts$|^testing\//.test(name))
      hash.update(name).update(await readFile(join(import.meta.dirname, name)));
  return hash.digest('hex').slice(0, 16);
}

const Standing = z.object({ waiting: z.number(), active: z.number() });

/** @returns what its queue holds; throws where it does not answer, or its database does not */
async function standing(place: LakePlace): Promise<string> {
  const { status, body } = await ask(place, place.fts, '/queue.json');
  if (status !== 200) throw new Error(`it answers ${status}`);
  const { waiting, active } = Standing.parse(JSON.parse(body));
  return `${active} under way, ${waiting} waiting`;
}
