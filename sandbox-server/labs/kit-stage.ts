/** The first stage of a claim: the kit is there, or the page says how far its preparation is. */
import type { KitState } from '../contract/api.ts';
import type { Stage } from '../contract/lab.ts';
import type { Kits } from '../sandboxes/kits.ts';

export interface KitNews {
  begins(text: string): void;
  goesOn(text: string, progress: Stage['progress']): void;
}

/** @returns at once where the kit is ready. Throws Problem `kit-missing`, or the signal's reason. */
export async function untilKitReady(
  kits: Kits,
  name: string,
  news: KitNews,
  signal: AbortSignal,
): Promise<void> {
  if (kits.get(name)?.state === 'ready') return;
  news.begins(`Preparing the ${name} kit (first time only)`);
  using _watch = kits.watch((kit: KitState) => {
    if (kit.name === name && kit.state === 'preparing')
      news.goesOn(`Preparing the ${name} kit: ${kit.text}`, kit.progress);
  });
  await kits.ready(name, signal);
}
