/** Where the server's database is. */
import { join } from 'node:path';
import type { Config } from '../contract/config.ts';

/** PostgreSQL where one is named, else a file beside everything else. @param state the folder of everything else */
export function storePlace({ store }: Pick<Config, 'store'>, state: string): string {
  return process.env['PALESTRA_DATABASE_URL'] ?? store ?? join(state, 'palestra.db');
}
