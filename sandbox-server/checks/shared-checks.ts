/**
 * Checks among several servers: whoever leads runs them, since one sandbox takes one thing at a time and a step's
 * progress is read, judged and written back; the others ask it.
 */
import { z } from 'zod';
import { TypeResult } from '../contract/agent.ts';
import { Answer, Answered, CellAction, CellAnswer, Solution } from '../contract/api.ts';
import { StepProgress } from '../contract/progress.ts';
import { whoeverLeads, type LeadNeeds } from '../identity/whoever-leads.ts';
import type { Checks } from './face.ts';

const OfStep = z.object({ step: z.object({ lab: z.string(), lesson: z.string(), step: z.string() }) });
const OfAction = OfStep.extend({ action: z.string() });

/** @param checks of this server: used where it leads */
export function shareChecks(checks: Checks, needs: LeadNeeds): Checks {
  const leader = whoeverLeads(needs);
  const run = leader.does(
    // not again: a command must not be typed twice
    {
      topic: 'checks/run',
      question: OfAction.extend({ terminal: z.string().optional() }),
      answer: TypeResult,
      again: false,
    },
    (who, { step, action, terminal }) => checks.run(who, step, action, terminal),
  );
  const cell = leader.does(
    // not again: what a cell does to its kernel must not be done twice
    {
      topic: 'checks/cell',
      question: OfStep.extend({ asked: CellAction }),
      answer: CellAnswer,
      again: false,
    },
    (who, { step, asked }) => checks.cell(who, step, asked),
  );
  const acted = leader.does(
    { topic: 'checks/acted', question: OfAction, answer: StepProgress, again: true },
    (who, { step, action }) => checks.acted(who, step, action),
  );
  const answer = leader.does(
    { topic: 'checks/answer', question: OfStep.extend({ answer: Answer }), answer: Answered, again: true },
    (who, { step, answer: given }) => checks.answer(who, step, given),
  );
  const check = leader.does(
    { topic: 'checks/check', question: OfStep, answer: StepProgress, again: true },
    (who, { step }) => checks.check(who, step),
  );
  const solution = leader.does(
    { topic: 'checks/solution', question: OfStep, answer: Solution, again: true },
    (who, { step }) => checks.solution(who, step),
  );
  const reset = leader.does(
    { topic: 'checks/reset', question: OfStep, answer: StepProgress, again: true },
    (who, { step }) => checks.reset(who, step),
  );
  const goTo = leader.does(
    {
      topic: 'checks/go-to',
      question: z.object({ lab: z.string(), lesson: z.string(), step: z.string().nullable() }),
      answer: z.null(),
      again: false,
    },
    async (who, { lab, lesson, step }) => {
      await checks.goTo(who, lab, lesson, step);
      return null;
    },
  );
  return {
    run: (who, step, action, terminal) => run(who, { step, action, terminal }),
    cell: (who, step, asked) => cell(who, { step, asked }),
    acted: (who, step, action) => acted(who, { step, action }),
    answer: (who, step, given) => answer(who, { step, answer: given }),
    check: (who, step) => check(who, { step }),
    solution: (who, step) => solution(who, { step }),
    reset: (who, step) => reset(who, { step }),
    openLesson: (lab, lesson, onStage) => checks.openLesson(lab, lesson, onStage),
    prepare: (lab, lessons, onProgress) => checks.prepare(lab, lessons, onProgress),
    async goTo(who, lab, lesson, step) {
      await goTo(who, { lab, lesson, step });
    },
    renew: (course, lesson, steps) => checks.renew(course, lesson, steps),
    async close() {
      leader[Symbol.dispose]();
      await checks.close();
    },
  };
}
