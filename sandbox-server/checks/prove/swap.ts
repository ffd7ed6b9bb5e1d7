/**
 * Neighbouring steps done in the other order, each pair in a home of its own. It only informs: a lesson may well have
 * steps that need nothing of each other, and its author should know which they are.
 */
import type { Lesson, Step } from '../../contract/lesson.ts';
import { isRedAfter } from './mutate.ts';
import { atStep, type ProofMeans } from './new-home.ts';
import type { Selected } from './select.ts';

interface Pair {
  readonly first: Step;
  readonly second: Step;
}

/** Tells of each pair whether the second step's check notices that the first was not done. */
export async function trySwapped(
  means: ProofMeans,
  selected: Selected,
  idle: ReadonlySet<string>,
): Promise<void> {
  const tried = await Promise.all(
    pairsOf(selected.lesson).map(async (pair) => ({
      pair,
      red: await playSecond(means, selected, pair, idle),
    })),
  );
  for (const { pair, red } of tried) means.log(`  swapped: ${describe(pair, red)}`);
}

/** Whose second has a check that the first could matter to. */
function pairsOf({ steps }: Lesson): Pair[] {
  return steps.flatMap((second, at) => {
    const first = steps[at - 1];
    const judged = second.checks.some(({ already }) => already === undefined);
    return first !== undefined && judged && first.actions.length + first.solutions.length > 0
      ? [{ first, second }]
      : [];
  });
}

async function playSecond(
  means: ProofMeans,
  selected: Selected,
  { first, second }: Pair,
  idle: ReadonlySet<string>,
): Promise<boolean> {
  const parts = [...second.actions, ...(idle.has(second.id) ? [] : second.solutions)];
  return atStep(means, selected, first, (learner) => isRedAfter(learner, selected.lesson, second, parts));
}

const describe = ({ first, second }: Pair, red: boolean): string =>
  red
    ? `step ${second.id} before step ${first.id} is noticed`
    : `step ${second.id} is content without step ${first.id}: either order will do`;
