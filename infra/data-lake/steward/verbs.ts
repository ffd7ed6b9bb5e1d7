/** What a lesson may do to the lake, each bounded to one learner: their scope in Rucio, their paths on elements. */
import { z } from 'zod';
import { Problem } from '../../../sandbox-server/contract/errors.ts';
import type { Verb, VerbCall } from '../../../sandbox-server/contract/service.ts';
import { elementOf, type LakePlace } from '../place.ts';
import type { Rucio } from '../rucio/rest.ts';
import { requestsLog } from '../rucio/ground.ts';
import { scopeOf, type Admission } from './admission.ts';
import { forward } from './forward.ts';
import type { Pace } from './pace.ts';
import { requestsOf } from './requests-log.ts';

export interface Answer {
  readonly said: string;
  readonly [fact: string]: unknown;
}
export interface VerbTools {
  readonly place: LakePlace;
  readonly rucio: Rucio;
  readonly admission: Admission;
  readonly pace: Pace;
}
export type Act = (user: string, given: Verb['arguments']) => Promise<Answer>;

/** `10s`, `2m`, `1h` or a number of seconds. */
const Duration = z
  .string()
  .regex(/^\d{1,6}(\.\d+)?[smh]?$/, 'a time such as 10s or 5m')
  .transform((text) => parseFloat(text) * ({ s: 1, m: 60, h: 3600 }[text.at(-1) ?? ''] ?? 1));

/** A name of a data identifier as Rucio's schema has it. */
const Name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,249}$/, 'the name of a file, without its scope');

export function rucioVerbs(tools: VerbTools): Readonly<Record<string, Act>> {
  const { place, rucio, admission, pace } = tools;
  return {
    async forward(user, given) {
      const { hours } = read(
        {
          hours: z.coerce
            .number()
            .positive()
            .max(24 * 366),
        },
        given,
      );
      const [rules = 0, files = 0, replicas = 0] = await forward(place, user, hours);
      const said = `${hours} h have passed for ${rules} rules, ${files} files or datasets and ${replicas} replicas of ${scopeOf(user)} that were on their way out.`;
      return { said, rules, files, replicas };
    },
    async pace(user, given) {
      const seconds = paceOf(given);
      await pace.set(user, seconds);
      const said =
        seconds === null
          ? 'Your transfers leave at once.'
          : `Your transfers leave together, every ${seconds} s.`;
      return { said, every: seconds };
    },
    async 'declare-bad'(user, given) {
      const { element, name } = read({ element: z.string(), name: Name }, given);
      const { rse } = elementNamed(place, element);
      const { id } = JSON.parse(await rucio.call('GET', `/rses/${rse}`)) as { id: string };
      const replica = { scope: scopeOf(user), name, rse_id: id };
      const left = await rucio.call('POST', '/replicas/bad', {
        replicas: [replica],
        reason: 'declared in a lesson',
      });
      const refused = Object.values(JSON.parse(left) as Record<string, readonly string[]>).flat();
      if (refused.length > 0)
        throw new Problem('not-found', `Rucio could not declare it: ${refused.join('; ')}`);
      return { said: `The copy of ${name} on ${rse} is declared bad: Rucio replaces it from a good one.` };
    },
    async log(user, given) {
      const { since } = read({ since: Duration.default(600), element: z.string().optional() }, given);
      const subject = await admission.subjectOf(user);
      const from = Date.now() - since * 1000;
      const requests = await requestsOf(requestsLog(place), { user, subject, since: from });
      const lines = requests.map(
        ({ time, method, path, status, why }) =>
          `${new Date(time).toISOString().slice(11, 19)} rucio ${method} ${path} ${status}${why === '' ? '' : `: ${why}`}`,
      );
      return {
        said: lines.length === 0 ? 'Nothing was asked.' : lines.slice(-20).join('\n').slice(0, 2000),
        lines,
      };
    },
    async heal(user) {
      const paced = await pace.set(user, null);
      return { said: paced ? 'Your transfers leave at once again.' : 'Nothing was set.' };
    },
  };
}

/** @throws Problem `not-found` for a verb that there is not; its sentence names those there are */
export async function perform(verbs: Readonly<Record<string, Act>>, call: VerbCall): Promise<Answer> {
  const act = Object.hasOwn(verbs, call.name) ? verbs[call.name] : undefined;
  if (act !== undefined) return act(call.user, call.arguments);
  throw new Problem(
    'not-found',
    `The data lake has no verb ${call.name}. It has ${Object.keys(verbs).join(', ')}.`,
  );
}

function paceOf(given: Verb['arguments']): number | null {
  // `pace now` arrives as an argument without a value or as every=now
  if (given['every'] === 'now' || 'now' in given) return null;
  return read(
    { every: Duration.refine((seconds) => seconds >= 1 && seconds <= 3600, 'from 1s to 1h') },
    given,
  ).every;
}

function elementNamed(place: LakePlace, name: string): LakePlace['elements'][number] {
  try {
    return elementOf(place, name);
  } catch (error) {
    if (error instanceof RangeError) throw new Problem('bad-request', error.message);
    throw error;
  }
}

function read<Shape extends z.ZodRawShape>(
  shape: Shape,
  given: Verb['arguments'],
): z.infer<z.ZodObject<Shape>> {
  const parsed = z.strictObject(shape).safeParse(given);
  if (parsed.success) return parsed.data as z.infer<z.ZodObject<Shape>>;
  const first = parsed.error.issues[0];
  throw new Problem(
    'bad-request',
    `${first?.path.join('.') || 'arguments'}: ${first?.message ?? 'not understood'}`,
  );
}
