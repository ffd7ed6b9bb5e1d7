/** What a learner does with a step: run, check, answer, see the solution, reset. */
import { Acted, Answer, Answered, CellAction, CellAnswer, RunAction, Solution } from '../../contract/api.ts';
import { TypeResult } from '../../contract/agent.ts';
import { Slug, StepId } from '../../contract/names.ts';
import { StepProgress } from '../../contract/progress.ts';
import { signedIn } from '../app.ts';
import type { App, Rooms } from '../app.ts';
import { answers } from './answers.ts';
import { LabParams } from './labs.ts';

const params = LabParams.extend({ lesson: Slug, step: StepId });
const tags = ['steps'];
const STEP = '/api/labs/:lab/steps/:lesson/:step';

export function stepRoutes(app: App, { checks }: Pick<Rooms, 'checks'>): void {
  app.post(
    `${STEP}/run`,
    { schema: { tags, params, body: RunAction, response: answers(TypeResult) } },
    (request) => checks.run(signedIn(request), request.params, request.body.action, request.body.terminal),
  );
  app.post(
    `${STEP}/cell`,
    { schema: { tags, params, body: CellAction, response: answers(CellAnswer) } },
    (request) => checks.cell(signedIn(request), request.params, request.body),
  );
  app.post(
    `${STEP}/acted`,
    { schema: { tags, params, body: Acted, response: answers(StepProgress) } },
    (request) => checks.acted(signedIn(request), request.params, request.body.action),
  );
  app.post(`${STEP}/check`, { schema: { tags, params, response: answers(StepProgress) } }, (request) =>
    checks.check(signedIn(request), request.params),
  );
  app.post(`${STEP}/reset`, { schema: { tags, params, response: answers(StepProgress) } }, (request) =>
    checks.reset(signedIn(request), request.params),
  );
  app.post(
    `${STEP}/answer`,
    { schema: { tags, params, body: Answer, response: answers(Answered) } },
    (request) => checks.answer(signedIn(request), request.params, request.body),
  );
  app.get(`${STEP}/solution`, { schema: { tags, params, response: answers(Solution) } }, (request) =>
    checks.solution(signedIn(request), request.params),
  );
}
