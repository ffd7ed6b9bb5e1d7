/** Old copies go: the last few that can be used stay, and whatever is in the store without being written down. */
import type { HomesContext } from './context.ts';

/** After a save. Objects that are newer than the newest written down may be another save on its way, and stay. */
export async function pruneHome({ records, objects, keep }: HomesContext, lab: string): Promise<void> {
  const all = await records.snapshots(lab);
  const usable = all.filter(({ broken }) => broken === null);
  const oldest = usable.slice(0, keep).at(-1);
  if (oldest === undefined) return;
  const old = all.filter(({ key }) => key < oldest.key).map(({ key }) => key);
  // first the objects: a row without its object would be tried at a restore
  for await (const { key } of objects.list(`${lab}/`))
    if (key < oldest.key || (key < (all[0]?.key ?? '') && all.every((row) => row.key !== key)))
      await objects.remove(key);
  await records.forget(old);
}

/** @returns how much was removed (T68) */
export async function removeHome(
  { records, objects }: HomesContext,
  lab: string,
): Promise<{ objects: number; bytes: number }> {
  await records.remove(lab);
  const removed = { objects: 0, bytes: 0 };
  for await (const { key, size } of objects.list(`${lab}/`)) {
    await objects.remove(key);
    removed.objects += 1;
    removed.bytes += size;
  }
  return removed;
}

/** What a server that was killed left behind: halves of uploads, homes of labs that are gone. */
export async function sweepStore({ records, objects, graceMs, clock, log }: HomesContext): Promise<void> {
  const before = clock() - graceMs;
  await objects.tidy(clock() - DAY_MS);
  let lab = '';
  let known = true;
  for await (const { key, at } of objects.list('')) {
    const of = key.slice(0, key.indexOf('/'));
    if (of !== lab) known = await records.has((lab = of));
    // not at once: a database that was set back, or is another one, must not cost anybody their home
    if (known || at >= before) continue;
    await objects.remove(key);
    log.info({ lab, key }, 'a saved home that nobody knows was removed');
  }
}
const DAY_MS = 24 * 3600 * 1000;
