/** A lesson's steps done in broken ways, each in a home of its own: what its checks notice. */
import type { Mutation } from '../../contract/proof.ts';
import { noticed } from './mutate.ts';
import { describeMutant, isProvenRed, mutantsOf, type Mutant } from './mutants.ts';
import { atStep, type ProofMeans } from './new-home.ts';
import { describeMutation } from './report.ts';
import type { Selected } from './select.ts';
import { trySwapped } from './swap.ts';

export interface Mutated {
  readonly mutation: Mutation;
  /** why the lesson does not hold: something was left out, and nobody noticed */
  readonly reason?: string;
}

/** @param idle steps whose solution was not needed */
export async function mutateLesson(
  means: ProofMeans,
  selected: Selected,
  idle: ReadonlySet<string>,
): Promise<Mutated> {
  const mutants = selected.lesson.steps.flatMap((step) => mutantsOf(step, idle.has(step.id)));
  means.log(`  broken on purpose: ${mutants.length} ways`);
  const tried = await Promise.all(
    mutants.map(async (mutant) => ({ mutant, seen: await playMutant(means, selected, mutant) })),
  );
  const missed = tried.filter(({ seen }) => seen === false).map(({ mutant }) => mutant);
  const mutation: Mutation = {
    tried: tried.filter(({ seen }) => seen !== null).length,
    noticed: tried.filter(({ seen }) => seen === true).length,
    ...(missed.length > 0 && { missed: missed.map(describeMutant) }),
  };
  for (const line of describeMutation(mutation)) means.log(`  ${line}`);
  await trySwapped(means, selected, idle);
  const dropped = missed.find(({ how }) => how === 'drop');
  return {
    mutation,
    ...(dropped && { reason: `The check is content with ${describeMutant(dropped)}.` }),
  };
}

async function playMutant(means: ProofMeans, selected: Selected, mutant: Mutant): Promise<boolean | null> {
  if (isProvenRed(mutant)) return true;
  const { step } = mutant;
  return atStep(means, selected, step, (learner) => noticed(learner, selected.lesson, step, mutant));
}
