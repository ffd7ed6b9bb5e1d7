/** Where an author's lab stands among a lesson's steps, and which way leads to another. Pure. */
import type { StepState } from '../../../sandbox-server/contract/progress.ts';

const isOver = (state: StepState): boolean => state === 'done' || state === 'skipped';

/** @returns the index of the step at hand: the first that is not over; their number where all are */
export function standsAt(states: readonly StepState[]): number {
  const first = states.findIndex((state) => !isOver(state));
  return first === -1 ? states.length : first;
}

/** @param to index of a step; their number: past the last */
export function wayTo(states: readonly StepState[], to: number): 'here' | 'forward' | 'back' {
  if (!states.slice(0, to).every(isOver)) return 'forward';
  return states.slice(to).every((state) => state === 'todo') ? 'here' : 'back';
}
