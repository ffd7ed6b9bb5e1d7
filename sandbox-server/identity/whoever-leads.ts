/** What whoever leads does for somebody who is signed in: here where this server leads, else asked of the one that does. */
import { z } from 'zod';
import { Problem } from '../contract/errors.ts';
import type { Replicas } from '../replicas/face.ts';
import type { Identity, SignedIn } from './face.ts';

export interface LeadNeeds {
  readonly replicas: Replicas;
  readonly identity: Pick<Identity, 'known'>;
}
interface Verb<Question extends object, Answer> {
  readonly topic: string;
  readonly question: z.ZodType<Question>;
  readonly answer: z.ZodType<Answer>;
  /** whether it may be done twice where its leader dies in the middle */
  readonly again: boolean;
}
type Act<Question, Answer> = (who: SignedIn, question: Question) => Promise<Answer>;

interface WhoeverLeads extends Disposable {
  /** Answers for other servers from now on. @returns the same for whoever asks here */
  does<Question extends object, Answer>(
    verb: Verb<Question, Answer>,
    act: Act<Question, Answer>,
  ): Act<Question, Answer>;
}

const Asked = z.object({ session: z.string() });

export function whoeverLeads({ replicas, identity }: LeadNeeds): WhoeverLeads {
  const answering = new DisposableStack();
  return {
    does({ topic, question, answer, again }, act) {
      const answered = replicas.answer(topic, async (body) => {
        const who = await identity.known(Asked.parse(body).session);
        if (who === null)
          throw new Problem('not-signed-in', 'Sign in first; this page then goes on where you are.');
        return act(who, question.parse(body));
      });
      answering.use(answered);
      return async (who, asked) =>
        replicas.leads
          ? act(who, asked)
          : answer.parse(await replicas.ask(topic, { session: who.session, ...asked }, again));
    },
    [Symbol.dispose]: () => {
      answering.dispose();
    },
  };
}
