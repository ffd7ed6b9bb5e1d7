/** A command that a learner typed by hand, recognised as an action of the page. Pure. */
import type { Fill, Filling } from '../catalogue/face.ts';
import type { RunFence, Step } from '../contract/lesson.ts';

/** Lines seen to end well, by action id. */
export type Seen = Map<string, Set<string>>;

function runsOf(step: Step): RunFence[] {
  return step.actions.filter((action) => action.kind === 'run');
}

/** The action's shell lines as a learner would type them: blanks filled, no remarks, single spaces. */
export function linesOf(action: RunFence, fill: Fill, filling: Filling): string[] {
  return fill(action.code, filling)
    .text.replace(/\\\n\s*/g, ' ')
    .split('\n')
    .map(normal)
    .filter((line) => line !== '' && !line.startsWith('#'));
}

/** @returns the actions of which `line`, which ended with `exit`, was the last piece missing */
export function actionsTyped(
  step: Step,
  line: string,
  exit: number,
  seen: Seen,
  fill: Fill,
  filling: Filling,
): string[] {
  const typed = new Set(line.split('\n').map(normal));
  return runsOf(step)
    .filter((action) => action.stop === undefined && action.fails === (exit !== 0))
    .filter((action) => {
      const lines = linesOf(action, fill, filling);
      const mine = seen.get(action.id) ?? new Set();
      for (const wanted of lines) if (typed.has(wanted)) mine.add(wanted);
      seen.set(action.id, mine);
      return (
        lines.length > 0 &&
        lines.some((wanted) => typed.has(wanted)) &&
        lines.every((wanted) => mine.has(wanted))
      );
    })
    .map((action) => action.id);
}

function normal(line: string): string {
  return line.trim().replace(/\s+/g, ' ');
}
