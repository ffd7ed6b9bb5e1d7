/**
 * Verbs of lessons that are about elements: words to deeds, and the sentence that a check shows.
 * `heal` and `log` are shared with other parts of the lake: the steward joins their answers.
 */
import { Problem } from '../../../sandbox-server/contract/errors.ts';
import { elementOf, type LakePlace } from '../place.ts';
import { Fault, type FaultKind } from './fault.ts';
import { corruptCopy, healFaults, readElementLog, setFault } from './faults.ts';
import type { AccessEntry } from './gate/access-log.ts';

export interface Answer {
  readonly said: string;
  readonly [fact: string]: unknown;
}
type Words = Readonly<Record<string, string>>;
/** @throws Problem `bad-request` with what is wrong in the words */
export type Act = (user: string, words: Words) => Promise<Answer>;

/** how long back `log` looks when nobody says, in seconds */
const LOG_SECONDS = 600;

export function elementVerbs(
  place: LakePlace,
): Readonly<Record<FaultKind | 'corrupt' | 'heal' | 'log', Act>> {
  const fault = (kind: FaultKind): Act => {
    return async (user, words) => {
      const fault = faultOf(kind, words);
      const { rse, until } = await setFault(place, user, elementIn(place, kind, words), fault);
      return { said: saidOf(rse, user, fault), element: rse, until };
    };
  };
  return {
    refuse: fault('refuse'),
    slow: fault('slow'),
    garble: fault('garble'),
    full: fault('full'),
    async corrupt(user, words) {
      const { name } = only('corrupt', words, ['name']);
      if (name === undefined)
        throw new Problem('bad-request', 'Say which copy: corrupt element=… name=run42.root');
      const element = elementIn(place, 'corrupt', words);
      const path = await corruptCopy(place, user, element, name);
      const { rse } = elementOf(place, element);
      return { said: `The copy of ${name} at ${rse} is corrupt.`, element: rse, path };
    },
    async heal(user) {
      const ended = await healFaults(place, user);
      return { said: ended === 0 ? 'No fault was set.' : `${ended} faults have ended.`, ended };
    },
    async log(user, words) {
      const { since } = only('log', words, ['since']);
      const entries = await readElementLog(place, user, {
        since: Date.now() - secondsOf(since) * 1000,
        ...(words['element'] === undefined ? {} : { element: words['element'] }),
      });
      const lines = entries.map(lineOf);
      return {
        said: lines.length === 0 ? 'Nothing was asked.' : lines.slice(-20).join('\n').slice(0, 2000),
        lines,
        entries,
      };
    },
  };
}

const WORDS: Readonly<Record<FaultKind, readonly string[]>> = {
  refuse: ['status'],
  slow: ['ms', 'rate'],
  garble: ['how'],
  full: [],
};

function faultOf(kind: FaultKind, words: Words): Fault {
  const parsed = Fault.safeParse({ kind, ...only(kind, words, WORDS[kind]) });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Problem('bad-request', `${kind} ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
}

function elementIn(place: LakePlace, name: string, words: Words): string {
  const { element } = words;
  if (element !== undefined) return element;
  throw new Problem('bad-request', `Say at which element: ${name} element=${place.elements[0]?.rse ?? ''}`);
}

/** A word that is spelled wrong is not done without: the lesson would teach another fault. */
function only(name: string, { element: _, ...words }: Words, known: readonly string[]): Words {
  const other = Object.keys(words).find((word) => !known.includes(word));
  if (other === undefined) return words;
  throw new Problem(
    'bad-request',
    `${name} does not know ${other}=; it knows ${['element', ...known].join(', ')}.`,
  );
}

/** `600`, `90s`, `10m`, `1h` */
function secondsOf(since = String(LOG_SECONDS)): number {
  const [, number, unit = 's'] = /^(\d{1,7})([smh]?)$/.exec(since) ?? [];
  if (number === undefined)
    throw new Problem('bad-request', `since=${since} is no time such as 90s, 10m or 1h.`);
  return Number(number) * (unit === 'h' ? 3600 : unit === 'm' ? 60 : 1);
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
      const wait = fault.ms === 0 ? [] : [`after ${fault.ms} ms`];
      const rate = fault.rate === null ? [] : [`at ${fault.rate} bytes a second`];
      return `${rse} answers ${[...wait, ...rate].join(', ') || 'as ever'} to ${whom}.`;
    }
  }
}

/** `14:03:22 CNAF_USERDISK PUT /rucio/user/st07/77/b6/run42.root 403: The token has expired: get a new one.` */
function lineOf({ time, element, method, path, to, status, said, faults = [] }: AccessEntry): string {
  const why = [...(said === undefined ? [] : [said]), ...(faults.length === 0 ? [] : [faults.join(', ')])];
  const where = to === undefined ? path : `${path} → ${to}`;
  const end = why.length === 0 ? '' : `: ${why.join('; ')}`;
  return `${time.slice(11, 19)} ${element} ${method} ${where} ${status === 0 ? 'left' : status}${end}`;
}
