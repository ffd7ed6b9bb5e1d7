/** `node main.ts SETTINGS.json`: runs the transfer service until SIGTERM. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog, silentLog } from '../../../sandbox-server/telemetry/index.ts';
import { createTransferService, readPem } from './service.ts';
import { Settings } from './settings.ts';

const settings = Settings.parse(JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')));
const log = createLog({ level: settings.level });
const pem = readPem(settings);

await becomeUser(settings);
const service = await createTransferService(settings, pem, log);
const port = await service.listen();
log.info({ port, elements: settings.elements }, 'the transfer service listens');

for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.once(signal, () => {
    log.info('the transfer service stops; copies under way are taken up at the next start');
    service.close().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'it did not stop cleanly');
        process.exit(1);
      },
    );
  });

/**
 * We start as root where the checkout may be in a home that nobody else can read: all code is loaded first, by a
 * rehearsal (libraries load some of theirs at their first use), then we become the service's own user for good.
 */
async function becomeUser({ user }: Settings): Promise<void> {
  if (user === null || process.getuid?.() !== 0) return;
  const state = mkdtempSync(join(tmpdir(), 'palestra-transfer-'));
  try {
    const rehearsal = await createTransferService({ ...settings, state }, pem, silentLog());
    await rehearsal.close();
  } finally {
    rmSync(state, { recursive: true });
  }
  process.setgroups?.([]);
  process.setgid?.(user);
  process.setuid?.(user);
}
