/**
 * Broken ways of doing a step: each solution and each edit left out in turn, and what they write cut to its half. A
 * check that is content with one of them would be content with a learner who did not do the work. Pure.
 */
import type { Step } from '../../contract/lesson.ts';
import type { Action, Solution } from '../replay/step.ts';
import { at } from '../script.ts';
import { besideSolution } from './beside-solution.ts';

export type Part = Action | Solution;
export interface Mutant {
  readonly step: Step;
  readonly how: 'drop' | 'truncate';
  /** all that is done in the step, in order */
  readonly plan: readonly Part[];
  /** which of it is broken */
  readonly part: Part;
}

/** @param idle the page's own actions do the step: its solutions stand in their place */
export function mutantsOf(step: Step, idle: boolean): Mutant[] {
  if (step.checks.every(({ already }) => already !== undefined)) return [];
  const { actions, solutions } = step;
  if (!idle) return broken(step, [...actions, ...solutions], isBreakable);
  const { before, after } = besideSolution(step);
  return [
    ...broken(step, actions, (part) => part.kind === 'edit'),
    ...broken(step, [...before, ...solutions, ...after], (part) => part.kind === 'solution'),
  ];
}

const isBreakable = ({ kind }: Part): boolean => kind === 'edit' || kind === 'solution';

function broken(step: Step, plan: readonly Part[], breaks: (part: Part) => boolean): Mutant[] {
  return plan
    .filter(breaks)
    .flatMap((part) => (['drop', 'truncate'] as const).map((how) => ({ step, how, plan, part })));
}

/** Nothing would be left to do: that the step is red before anything was done has been proven. */
export const isProvenRed = ({ how, plan }: Mutant): boolean => how === 'drop' && plan.length === 1;

export function describeMutant({ step, how, part }: Mutant): string {
  const what = `the ${part.kind} at ${at(part.place)}`;
  return how === 'drop'
    ? `step ${step.id}: ${what} left out`
    : `step ${step.id}: what ${what} writes cut to its half`;
}
