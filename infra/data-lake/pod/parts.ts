/** The parts of a lake that are containers, by the names that the chart calls them. */
import { Problem } from '../../../sandbox-server/contract/errors.ts';
import { assemble } from '../assembly.ts';
import type { Part } from '../part.ts';
import type { LakePlace } from '../place.ts';

/** In the order in which they start; a container's health is asked at the lake's port + 40 + its place here. */
export const PARTS = ['postgresql', 'issuer', 'elements', 'transfer', 'rucio', 'daemons', 'steward'] as const;
export type PartName = (typeof PARTS)[number];

const HEALTH = 40;

/** @throws Problem `bad-request` that names those there are */
export function partNamed(place: LakePlace, name: string): { part: Part; healthPort: number } {
  const at = PARTS.findIndex((one) => one === name);
  const part = assemble(place)
    .map((step) => step.part)
    .find((one) => wordOf(one) === name);
  if (at >= 0 && part !== undefined) return { part, healthPort: place.port + HEALTH + at };
  throw new Problem('bad-request', `There is no part ${name}; there are ${PARTS.join(', ')}.`);
}

/** `Rucio's daemons` → `daemons` */
function wordOf(part: Part): string {
  return (part.name.split(' ').at(-1) ?? '').toLowerCase();
}
