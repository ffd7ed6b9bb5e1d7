/**
 * Verbs of lessons that are about elements: words to deeds, and the sentence that a check shows.
 * `refuse slow garble full corrupt`; those that other parts share (`heal`, `log`) call faults.ts.
 */
import { Problem } from '../../../sandbox-server/contract/errors.ts';
import { elementOf, type LakePlace } from '../place.ts';
import { Fault, FAULT_KINDS, type FaultKind } from './fault.ts';
import { corruptCopy, setFault } from './faults.ts';

export interface ElementAnswer {
  readonly said: string;
  readonly element: string;
  /** ms since the epoch, where it ends by itself */
  readonly until?: number;
  readonly path?: string;
}

/**
 * @returns null for a verb that is not about elements
 * @throws Problem `bad-request` with what is wrong in the words
 */
export async function elementVerb(
  place: LakePlace,
  user: string,
  name: string,
  words: Readonly<Record<string, string>>,
): Promise<ElementAnswer | null> {
  const kind = FAULT_KINDS.find((one) => one === name);
  if (kind === undefined && name !== 'corrupt') return null;
  const { element, ...rest } = words;
  if (element === undefined)
    throw new Problem('bad-request', `Say at which element: ${name} element=${place.elements[0]?.rse ?? ''}`);
  if (kind === undefined) return corrupt(place, user, element, rest);
  const { rse, until } = await setFault(place, user, element, faultOf(kind, rest));
  return { said: saidOf(rse, user, faultOf(kind, rest)), element: rse, until };
}

async function corrupt(
  place: LakePlace,
  user: string,
  element: string,
  words: Readonly<Record<string, string>>,
): Promise<ElementAnswer> {
  refuseOthers('corrupt', words, ['name']);
  const { name } = words;
  if (name === undefined)
    throw new Problem('bad-request', 'Say which copy: corrupt element=… name=run42.root');
  const path = await corruptCopy(place, user, element, name);
  const { rse } = elementOf(place, element);
  return { said: `The copy of ${name} at ${rse} is corrupt.`, element: rse, path };
}

const WORDS: Readonly<Record<FaultKind, readonly string[]>> = {
  refuse: ['status'],
  slow: ['ms', 'rate'],
  garble: ['how'],
  full: [],
};

function faultOf(kind: FaultKind, words: Readonly<Record<string, string>>): Fault {
  refuseOthers(kind, words, WORDS[kind]);
  const parsed = Fault.safeParse({ kind, ...words });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Problem('bad-request', `${kind}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
}

/** A word that is spelled wrong is not done without: the lesson would teach another fault. */
function refuseOthers(name: string, words: Readonly<Record<string, string>>, known: readonly string[]): void {
  const other = Object.keys(words).find((word) => !known.includes(word));
  if (other === undefined) return;
  const list = ['element', ...known].join(', ');
  throw new Problem('bad-request', `${name} does not know ${other}=; it knows ${list}.`);
}

function saidOf(rse: string, user: string, fault: Fault): string {
  const whom = `everything below /rucio/user/${user}`;
  switch (fault.kind) {
    case 'refuse':
      return `${rse} answers ${fault.status} to ${whom}.`;
    case 'garble':
      return `${rse} answers nonsense to ${whom}.`;
    case 'full':
      return `${rse} is full for ${whom}.`;
    case 'slow': {
      const rate = fault.rate === null ? [] : [`at ${fault.rate} bytes a second`];
      const wait = fault.ms === 0 ? [] : [`after ${fault.ms} ms`];
      return `${rse} answers ${[...wait, ...rate].join(', ') || 'as ever'} to ${whom}.`;
    }
  }
}
