/**
 * Checks among several servers: whoever leads runs them, since one sandbox takes one thing at a time and a step's
 * progress is read, judged and written back; the others ask it.
 */
import { z } from 'zod';
import { TypeResult } from '../contract/agent.ts';
import { Answer, Answered, Solution } from '../contract/api.ts';
import { Problem } from '../contract/errors.ts';
import { StepProgress } from '../contract/progress.ts';
import type { Identity, SignedIn } from '../identity/face.ts';
import type { Replicas } from '../replicas/face.ts';
import type { Checks, StepAddress } from './face.ts';

const Asked = z.object({
  session: z.string(),
  step: z.object({ lab: z.string(), lesson: z.string(), step: z.string() }),
  action: z.string().optional(),
  terminal: z.string().optional(),
  answer: Answer.optional(),
});
type Asked = z.infer<typeof Asked>;
type More = Partial<Pick<Asked, 'action' | 'terminal' | 'answer'>>;

export interface Needs {
  readonly replicas: Replicas;
  readonly identity: Pick<Identity, 'known'>;
}

/** @param checks of this server: used where it leads */
export function shareChecks(checks: Checks, { replicas, identity }: Needs): Checks {
  const answers = new DisposableStack();
  /** @param again whether it may be done twice where its leader dies: a command must not be typed twice */
  const shared = <T>(
    verb: string,
    schema: z.ZodType<T>,
    again: boolean,
    act: (who: SignedIn, step: StepAddress, more: More) => Promise<T>,
  ): ((who: SignedIn, step: StepAddress, more?: More) => Promise<T>) => {
    const topic = `checks/${verb}`;
    const answer = async (body: unknown): Promise<T> => {
      const { session, step, ...more } = Asked.parse(body);
      const who = await identity.known(session);
      if (who === null)
        throw new Problem('not-signed-in', 'Sign in first; this page then goes on where you are.');
      return act(who, step, more);
    };
    answers.use(replicas.answer(topic, answer));
    return async (who, step, more = {}) =>
      replicas.leads
        ? act(who, step, more)
        : schema.parse(await replicas.ask(topic, { session: who.session, step, ...more }, again));
  };

  const run = shared('run', TypeResult, false, (who, step, { action = '', terminal }) =>
    checks.run(who, step, action, terminal),
  );
  const acted = shared('acted', StepProgress, true, (who, step, { action = '' }) =>
    checks.acted(who, step, action),
  );
  const answer = shared('answer', Answered, true, (who, step, more) =>
    checks.answer(who, step, Answer.parse(more.answer)),
  );
  return {
    run: (who, step, action, terminal) =>
      run(who, step, { action, ...(terminal === undefined ? {} : { terminal }) }),
    acted: (who, step, action) => acted(who, step, { action }),
    answer: (who, step, given) => answer(who, step, { answer: given }),
    check: shared('check', StepProgress, true, (who, step) => checks.check(who, step)),
    solution: shared('solution', Solution, true, (who, step) => checks.solution(who, step)),
    reset: shared('reset', StepProgress, true, (who, step) => checks.reset(who, step)),
    openLesson: (lab, lesson, onStage) => checks.openLesson(lab, lesson, onStage),
    prepare: (lab, lessons, onProgress) => checks.prepare(lab, lessons, onProgress),
    async close() {
      answers.dispose();
      await checks.close();
    },
  };
}
