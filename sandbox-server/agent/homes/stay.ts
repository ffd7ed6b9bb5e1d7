/**
 * A pod whose end its server did not ask for: drained, evicted with notice, deleted by somebody. The server sees it in
 * its watch and saves the home, if the agent is still there; once it has, it ends the pod itself.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { KeptHome } from './kept-home.ts';

/** less than the pod's grace of 30 s (kubernetes/objects/pod-template.ts), after which the kubelet kills it anyhow */
const STAY_MS = 25_000;
/** a look at a large home takes half a second */
const LOOK_MS = 1_000;

/** Resolves when there is nothing (more) to stay for, or no more time. @param claimed whether it is somebody's */
export async function stayForSave(
  home: Pick<KeptHome, 'changed'>,
  claimed: boolean,
  ms = STAY_MS,
): Promise<void> {
  const over = performance.now() + ms;
  // a server that asks for the end itself has saved all: it need not wait for us
  while (claimed && performance.now() < over && (await home.changed())) await wait(Math.min(LOOK_MS, ms));
}
