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
  const runs = actions.filter((action) => action.kind === 'run');
  if (actions.some((action) => action.kind === 'edit')) return { before: [], after: runs };
  const staying = runs.filter((run) => run.until !== undefined || run.stop !== undefined);
  return { before: staying.length < runs.length ? staying : [], after: [] };
}
