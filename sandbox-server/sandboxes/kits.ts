/**
 * Kits on this machine: what a sandbox is made of (`infra/kits/<name>/kit.yaml` and its locked lists).
 * The server answers while a kit is still being prepared; the page says how far it is.
 */
import type { KitState } from '../contract/api.ts';
import { Problem } from '../contract/errors.ts';

export interface Kits {
  list(): readonly KitState[];
  get(name: string): KitState | undefined;
  /** resolves once usable; starts the preparation where it is absent. Problem `kit-missing` with a reason. */
  ready(name: string, signal?: AbortSignal): Promise<void>;
  watch(listener: (kit: KitState) => void): Disposable;
  close(): Promise<void>;
}

/** @returns the Problem `kit-missing` that names what there is */
export function unknownKit(name: string, there: Iterable<string>): Problem {
  const all = [...there].toSorted().join(', ');
  return new Problem('kit-missing', `There is no kit named "${name}". There are: ${all}.`);
}
