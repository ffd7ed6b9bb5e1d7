/** Before all tests: where PALESTRA_TEST_STORE says `postgres`, a server of their own, which ends with the last. */
import { installPackages, missingPackages } from '../../../infra/machine/packages.ts';
import { startPostgres } from './postgres.ts';

export async function setup(): Promise<(() => Promise<void>) | undefined> {
  if (process.env['PALESTRA_TEST_STORE'] !== 'postgres') return undefined;
  const missing = await missingPackages(['postgresql']);
  if (missing.length > 0) await installPackages(missing, AbortSignal.timeout(300_000));
  // the tests themselves say where a crash must lose nothing, with a server of their own
  const server = await startPostgres(['-c', 'fsync=off']);
  process.env['PALESTRA_TEST_STORE'] = server.url;
  return () => server.close();
}
