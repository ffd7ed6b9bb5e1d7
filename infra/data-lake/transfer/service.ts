/** The transfer service, wired. */
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { secretKeyAt } from '../../../sandbox-server/identity/secret-key.ts';
import type { Log } from '../../../sandbox-server/telemetry/index.ts';
import { createCopier } from './copy/third-party-copy.ts';
import { createWeb } from './copy/web.ts';
import { createSnapshots } from './page/snapshot.ts';
import { createQueue, type Queue } from './queue/queue.ts';
import { createElementRecords } from './records/elements.ts';
import { openDatabase } from './records/open.ts';
import { createRecords } from './records/records.ts';
import { createAccess } from './rest/access.ts';
import { createApp } from './rest/app.ts';
import type { Settings } from './settings.ts';

export interface TransferService {
  readonly queue: Queue;
  /** @returns the port */
  listen(): Promise<number>;
  /** Copies under way are broken off; the next start takes them up. */
  close(): Promise<void>;
}
/** Read while we may: the key of TLS is not readable later. */
export interface Pem {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
}

export function readPem(settings: Settings): Pem {
  const { cert, key } = settings.tls;
  return {
    cert: readFileSync(cert, 'utf8'),
    key: readFileSync(key, 'utf8'),
    ca: readFileSync(settings.ca, 'utf8'),
  };
}

export async function createTransferService(
  settings: Settings,
  pem: Pem,
  log: Log,
): Promise<TransferService> {
  const key = await secretKeyAt(join(settings.state, 'key'));
  const db = await openDatabase(join(settings.state, 'queue.db'));
  const web = createWeb({ ca: pem.ca, names: settings.names });
  const records = createRecords(db, key);
  const queue = createQueue({
    records,
    elementRecords: createElementRecords(db),
    copier: createCopier(web, settings.patience),
    limits: settings.limits,
    retries: settings.retries,
    keptMs: settings.keptHours * 3_600_000,
    log,
  });
  const app = createApp(
    {
      queue,
      records,
      access: createAccess({ web, issuer: settings.issuer, audiences: settings.audiences }),
      snapshots: createSnapshots(db, queue, Date.now),
      elements: settings.elements,
      now: Date.now,
      log,
    },
    pem,
  );
  await app.ready();
  return {
    queue,
    async listen() {
      await queue.start();
      await app.listen(settings.listen);
      return (app.server.address() as AddressInfo).port;
    },
    async close() {
      await app.close();
      await queue.close();
      web.close();
      await records.close();
    },
  };
}
