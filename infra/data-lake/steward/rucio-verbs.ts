/** Verbs about Rucio: time, pace, copies that are declared bad. */
import { z } from 'zod';
import { Problem } from '../../../sandbox-server/contract/errors.ts';
import type { Act } from '../elements/verbs.ts';
import { elementOf, type ElementPlace, type LakePlace } from '../place.ts';
import type { Rucio } from '../rucio/rest.ts';
import { scopeOf, type Admission } from './admission.ts';
import { Duration, read } from './arguments.ts';
import { forward } from './forward.ts';
import type { Pace } from './pace.ts';

export interface VerbTools {
  readonly place: LakePlace;
  readonly rucio: Rucio;
  readonly admission: Admission;
  readonly pace: Pace;
}

/** A name of a data identifier as Rucio's schema has it, with or without the learner's scope. */
const Name = z
  .string()
  .transform((name) => name.replace(/^user\.[a-z0-9]+:/, ''))
  .pipe(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,249}$/, 'the name of a file'));

export function rucioVerbs(
  tools: VerbTools,
): Readonly<Record<'forward' | 'pace' | 'declare-bad' | 'heal', Act>> {
  const { place, pace } = tools;
  return {
    async forward(user, words) {
      const { hours } = read(
        {
          hours: z.coerce
            .number()
            .positive()
            .max(24 * 366),
        },
        words,
      );
      const [rules = 0, files = 0, replicas = 0] = await forward(place, user, hours);
      const said = `${hours} h have passed for ${rules} rules, ${files} files or datasets and ${replicas} replicas of ${scopeOf(user)} that were on their way out.`;
      return { said, rules, files, replicas };
    },
    async pace(user, words) {
      const seconds = paceOf(words);
      await pace.set(user, seconds);
      const said =
        seconds === null
          ? 'Your transfers leave at once.'
          : `Your transfers leave together, every ${seconds} s.`;
      return { said, every: seconds };
    },
    'declare-bad': (user, words) => declareBad(tools, user, words),
    async heal(user, words) {
      read({}, words);
      const paced = await pace.set(user, null);
      return { said: paced ? 'Your transfers leave at once again.' : '', paced };
    },
  };
}

/** As an administrator does who was told of it: the necromancer then replaces the copy from a good one. */
async function declareBad(
  { place, rucio }: VerbTools,
  user: string,
  words: Readonly<Record<string, string>>,
) {
  const { element, name } = read({ element: z.string(), name: Name }, words);
  const { rse } = elementNamed(place, element);
  const { id } = JSON.parse(await rucio.call('GET', `/rses/${rse}`)) as { id: string };
  // by name and not by address: Rucio takes `user` for the scope of an address below /user/LOGIN (trap 22)
  const replicas = [{ scope: scopeOf(user), name, rse_id: id }];
  const left = await rucio.call('POST', '/replicas/bad', { replicas, reason: 'declared in a lesson' });
  const refused = Object.values(JSON.parse(left) as Record<string, readonly string[]>).flat();
  if (refused.length > 0)
    throw new Problem(
      'not-found',
      `Rucio has no copy of ${name} on ${rse} to declare: ${refused.join('; ')}`,
    );
  return { said: `The copy of ${name} on ${rse} is declared bad: Rucio replaces it from a good one.` };
}

function paceOf(words: Readonly<Record<string, string>>): number | null {
  if (words['every'] === 'now') return null;
  const every = Duration.refine((seconds) => seconds >= 1 && seconds <= 3600, 'from 1s to 1h, or now');
  return read({ every }, words).every;
}

function elementNamed(place: LakePlace, name: string): ElementPlace {
  try {
    return elementOf(place, name);
  } catch (error) {
    if (error instanceof RangeError) throw new Problem('bad-request', error.message, { cause: error });
    throw error;
  }
}
