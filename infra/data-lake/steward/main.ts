/** The steward's process: admits, dismisses and performs verbs for many callers without a process each. */
import { chmodSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { lakeOfEnvironment } from '../find-place.ts';
import { createRucio } from '../rucio/rest.ts';
import { rootPassword } from '../rucio/secrets.ts';
import { createAdmission } from './admission.ts';
import { createPace } from './pace.ts';
import { listenToPods } from './for-pods.ts';
import { createSteward } from './server.ts';
import { allVerbs } from './verbs.ts';

const place = await lakeOfEnvironment(process.env, join(import.meta.dirname, '../../..'));
const rucio = createRucio(place, await rootPassword(place));
const admission = createAdmission(place, rucio);
const verbs = allVerbs({ place, rucio, admission, pace: createPace(place) });
const steward = createSteward({
  admission,
  verbs,
  log: (line) => void process.stdout.write(`${new Date().toISOString()} ${line}\n`),
});

const server = createServer(steward);
const tokenFile = process.env['PALESTRA_LAKE_STEWARD_TOKEN'];
const remote =
  tokenFile === undefined
    ? null
    : await listenToPods(place, steward, (await readFile(tokenFile, 'utf8')).trim());

// of one that was killed: only one steward runs, `up` sees to it
await rm(place.stewardSocket, { force: true });
server.listen(place.stewardSocket, () => chmodSync(place.stewardSocket, 0o600));
for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.once(signal, () => {
    remote?.close();
    remote?.closeIdleConnections();
    server.close(() => rucio.close());
    server.closeIdleConnections();
  });
