/** The driver's sandboxes, for machines that ask whether it answers. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Sandbox } from '../sandboxes/driver.ts';
import type { Rooms } from './app.ts';

/** Probes and scrapers give up after some seconds themselves. */
const SOON_MS = 2000;

/** @returns null where it does not answer in time. Throws what it says otherwise */
export async function listedSoon(driver: Rooms['driver']): Promise<readonly Sandbox[] | null> {
  const answered = new AbortController();
  try {
    return await Promise.race([driver.list(), wait(SOON_MS, null, { signal: answered.signal })]);
  } finally {
    answered.abort();
  }
}
