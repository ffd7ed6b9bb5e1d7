/** The parts of the lake, and which waits for which. */
import type { Part } from './part.ts';
import type { LakePlace } from './place.ts';
import { authorityPart } from './authority/part.ts';
import { createPostgresPart } from './postgres/part.ts';
import { createDaemonsPart } from './rucio/daemons-part.ts';
import { createRucioPart } from './rucio/part.ts';
import { createStewardPart } from './steward/part.ts';

export interface Step {
  readonly part: Part;
  /** parts that must be healthy before it starts */
  readonly after: readonly Part[];
}

/** In the order of their stages. */
export async function assemble(place: LakePlace): Promise<readonly Step[]> {
  const authority = authorityPart(place);
  const postgres = createPostgresPart(place);
  const rucio = createRucioPart(place);
  const daemons = createDaemonsPart(place);
  const steward = createStewardPart(place);
  const others = await othersThere(place);
  return [
    { part: authority, after: [] },
    { part: postgres, after: [authority] },
    ...others.map((part) => ({ part, after: [authority] })),
    { part: rucio, after: [postgres] },
    { part: daemons, after: [rucio] },
    { part: steward, after: [rucio] },
  ];
}

async function othersThere(place: LakePlace): Promise<readonly Part[]> {
  const makers: [string, string][] = [
    ['issuer', 'createIssuerPart'],
    ['elements', 'createElementsPart'],
    ['transfer', 'createTransferPart'],
  ];
  const parts: Part[] = [];
  for (const [folder, maker] of makers) {
    try {
      const module = (await import(`./${folder}/part.ts`)) as Record<string, (place: LakePlace) => Part>;
      const make = module[maker] ?? module[`${folder}Part`];
      if (make !== undefined) parts.push(make(place));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    }
  }
  return parts;
}
