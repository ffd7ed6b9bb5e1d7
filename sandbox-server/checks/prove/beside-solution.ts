/** What is done beside a step's solution by somebody who presses *Show solution*. Pure. */
import type { Step } from '../../contract/lesson.ts';

type Actions = Step['actions'];

/**
 * The solution in place of what it stands for. Where the step edits files it stands for the edits, and the commands
 * follow it; else for the commands, though programs that stay are begun and stopped as the page says, unless the step
 * has nothing else.
 */
export function besideSolution({ actions, solutions }: Step): { before: Actions; after: Actions } {
  if (solutions.length === 0) return { before: [], after: actions };
  const others = actions.filter((action) => action.kind !== 'edit');
  if (others.length < actions.length) return { before: [], after: others };
  const lasting = others.filter(lasts);
  return { before: lasting.length < others.length ? lasting : [], after: [] };
}

/** A program that stays or ends there, and a cell: what it made is the kernel's, which no solution can stand for. */
const lasts = (action: Actions[number]): boolean =>
  action.kind === 'cell' ||
  (action.kind === 'run' && (action.until !== undefined || action.stop !== undefined));
