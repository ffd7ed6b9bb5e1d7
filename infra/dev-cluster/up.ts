/** Starting a cluster: what is missing is made, what does not run is started. */
import { setTimeout as delay } from 'node:timers/promises';
import { Problem } from '../../sandbox-server/contract/errors.ts';
import { answersNames } from './box/dns.ts';
import type { BoxWords } from './box/words.ts';
import type { Settings } from './configuration/settings.ts';
import { layOut, lockOf } from './find-place.ts';
import { closeBox, openBox, runningBox } from './host/box.ts';
import { requireFreeNumber } from './host/cable.ts';
import { askParts, followStart, isNobody } from './host/follow.ts';
import { withLock } from '../machine/lock.ts';
import type { ClusterPlace } from './place.ts';
import { prepare, readSettings, writeSettings } from './prepare.ts';
import { stagedBy, type Say } from '../machine/staged.ts';
import { LABELS } from './box/stages.ts';

/**
 * Returns when the cluster's DNS answers. One that runs as it is wanted is left alone; of two at once the second waits
 * and finds it running.
 * @param change settings to be other than they are
 * @throws Problem of the first stage that failed
 */
export async function up(
  place: ClusterPlace,
  change: Partial<Settings>,
  say: Say,
  signal: AbortSignal,
): Promise<void> {
  requireRoot();
  await layOut(place);
  await withLock(lockOf(place), async () => {
    const settings = { ...(await readSettings(place)), ...change };
    await writeSettings(place, settings);
    const staged = stagedBy(LABELS, say);
    const words = await prepare(place, settings, staged, signal);
    if (await isRunning(words)) return;
    await requireFreeNumber(place);
    await closeBox(place);
    await staged('box', () => openBox(words));
    await follow(place, say, signal);
  });
}

/** As it is wanted, and answering. */
async function isRunning({ place, revision }: BoxWords): Promise<boolean> {
  if ((await runningBox(place)) === null) return false;
  const found = await askParts(place);
  if (found === null || found.revision !== revision || found.parts.length === 0) return false;
  return found.parts.every(({ ready }) => ready) && (await answersNames(place.addresses, 2_000));
}

/** The door opens a moment after the box. */
async function follow(place: ClusterPlace, say: Say, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    try {
      return await followStart(place, say, signal);
    } catch (error) {
      if (!isNobody(error)) throw error;
      if (Date.now() > deadline || (await runningBox(place)) === null)
        throw new Problem('unavailable', `The box ended: read ${place.folders.log}/supervisor.log.`);
    }
    await delay(50);
  }
}

function requireRoot(): void {
  if (process.getuid?.() === 0) return;
  throw new Problem(
    'forbidden',
    'A node needs root: it mounts, makes interfaces and cgroups. Run it with sudo, or use a cluster of your own: infra/dev-cluster/README.md.',
  );
}
