/** What a lesson may do to the lake, each bounded to one learner: their scope in Rucio, their paths on elements. */
import { Problem } from '../../../sandbox-server/contract/errors.ts';
import type { VerbCall } from '../../../sandbox-server/contract/service.ts';
import { elementVerbs, type Act, type Answer } from '../elements/verbs.ts';
import { logVerb } from './log.ts';
import { rucioVerbs, type VerbTools } from './rucio-verbs.ts';

export type Verbs = Readonly<Record<string, Act>>;

export function allVerbs(tools: VerbTools): Verbs {
  const elements = elementVerbs(tools.place);
  const rucio = rucioVerbs(tools);
  return { ...elements, ...rucio, heal: both(elements.heal, rucio.heal), log: logVerb(tools, elements.log) };
}

/** @throws Problem `not-found` for a verb that there is not; its sentence names those there are */
export async function perform(verbs: Verbs, call: VerbCall): Promise<Answer> {
  const act = Object.hasOwn(verbs, call.name) ? verbs[call.name] : undefined;
  if (act !== undefined) return act(call.user, call.arguments);
  throw new Problem(
    'not-found',
    `The data lake has no verb ${call.name}. It has ${Object.keys(verbs).join(', ')}.`,
  );
}

function both(one: Act, other: Act): Act {
  return async (user, words) => {
    const answers = [await one(user, words), await other(user, words)];
    return Object.assign({}, ...answers, { said: answers.map(({ said }) => said).join(' ') }) as Answer;
  };
}
