/**
 * Starting a part for sure. A server may live and never answer again (once in CI, a whole lake with it: nothing was
 * dead, so nothing was started, and each `up` waited and failed); such a one is ended and started anew.
 */
import { appendFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { logOf, type Health, type Part } from './part.ts';
import type { LakePlace } from './place.ts';

/** a busy machine is late with an answer now and then */
const SILENT_MS = 15_000;
const LOOK_MS = 500;

/** @throws Problem where it does not get healthy the second time either, or dies */
export async function startPart(place: LakePlace, part: Part, silentMs = SILENT_MS): Promise<void> {
  const silent = await staysSilent(part, silentMs);
  if (silent !== null) await end(place, part, silent);
  try {
    await part.start();
  } catch (error) {
    const health = await part.health();
    if (health.silent === undefined) throw error;
    await end(place, part, health);
    await part.start();
  }
}

/** @returns what it says at last; null as soon as it answers or is not there */
async function staysSilent(part: Part, ms: number): Promise<Health | null> {
  const deadline = performance.now() + ms;
  for (;;) {
    const health = await part.health();
    if (health.silent === undefined) return null;
    if (performance.now() > deadline) return health;
    await delay(LOOK_MS);
  }
}

/** Noted where an operator looks for why transfers were cut. */
async function end(place: LakePlace, part: Part, { found }: Health): Promise<void> {
  const line = `${new Date().toISOString()} ${part.name} lives and does not answer, and is started anew: ${found}\n`;
  await appendFile(logOf(place, 'lake'), line, { mode: 0o600 });
  await part.stop();
}
