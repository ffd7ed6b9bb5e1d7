/** The parts of the lake, and which waits for which. */
import type { Part } from './part.ts';
import type { LakePlace } from './place.ts';
import { authorityPart } from './authority/part.ts';
import { elementsPart } from './elements/part.ts';
import { createIssuerPart } from './issuer/part.ts';
import { createPostgresPart } from './postgres/part.ts';
import { createDaemonsPart } from './rucio/daemons-part.ts';
import { createRucioPart } from './rucio/part.ts';
import { createStewardPart } from './steward/part.ts';
import { createTransferPart } from './transfer/part.ts';

export interface Step {
  readonly part: Part;
  /** parts that must be healthy before it starts */
  readonly after: readonly Part[];
}

/** In the order of their stages. */
export function assemble(place: LakePlace): readonly Step[] {
  const authority = authorityPart(place);
  const postgres = createPostgresPart(place);
  const issuer = createIssuerPart(place);
  const rucio = createRucioPart(place);
  return [
    { part: authority, after: [] },
    { part: postgres, after: [authority] },
    { part: issuer, after: [authority] },
    { part: elementsPart(place), after: [authority] },
    { part: createTransferPart(place), after: [authority] },
    // Rucio asks the issuer for its keys when it starts
    { part: rucio, after: [postgres, issuer] },
    { part: createDaemonsPart(place), after: [rucio] },
    { part: createStewardPart(place), after: [rucio] },
  ];
}
