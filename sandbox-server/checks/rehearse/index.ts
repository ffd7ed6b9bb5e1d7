/** Rehearsal: a lesson played by a whole class at once, before the class is there. */
import { createTurns } from '../../sandboxes/turns.ts';
import { provide } from '../prove/belongings.ts';
import { servicesOf, type ProofMeans } from '../prove/new-home.ts';
import { nameOf, type Selected } from '../prove/select.ts';
import { bottleneckOf } from './bottleneck.ts';
import { attend, type Attended } from './learner.ts';
import { watchMachine, type Sample } from './machine.ts';
import type { Rehearsal } from './report.ts';
import { roleOf } from './roles.ts';

export { describeRehearsal, Rehearsal } from './report.ts';

export interface RehearsalMeans extends Omit<ProofMeans, 'driver' | 'turns' | 'keep' | 'mutate' | 'update'> {
  readonly driver: ProofMeans['driver'] & { readonly name: string };
  /** how many have come to their end, of all */
  readonly onProgress: (done: number, all: number) => void;
}

/**
 * All begin at once, each in a sandbox and home of their own.
 * @throws Problem where the kit or a service that the lesson needs cannot be had
 */
export async function rehearse(means: RehearsalMeans, selected: Selected, size: number): Promise<Rehearsal> {
  await means.kits.ready(selected.lesson.needs.kit);
  for (const name of servicesOf(selected)) await provide(means.services, name, means.log);
  const proof = { ...means, turns: createTurns(size), keep: false, mutate: false, update: false };
  const roles = Array.from({ length: size }, (_, at) => roleOf(at));
  const samples: Sample[] = [];
  let done = 0;
  using _watch = watchMachine((sample) => samples.push(sample));
  const attended = await Promise.all(
    roles.map(async (role) => {
      const told = await attend({ ...proof, log: () => undefined }, selected, role);
      means.onProgress((done += 1), size);
      return told;
    }),
  );
  const count = (role: string): number => roles.filter((each) => each === role).length;
  return {
    id: nameOf(selected),
    driver: means.driver.name,
    learners: size,
    mistaken: count('mistaken'),
    dropping: count('dropping'),
    ...timesOf(attended, selected),
    cuts: attended.reduce((sum, { cuts }) => sum + cuts, 0),
    bottleneck: bottleneckOf(samples, known(attended.map(({ sandbox }) => sandbox))),
    machine: {
      processors: tenths(Math.max(0, ...samples.map(({ processors }) => processors)), 100),
      memory: tenths(Math.min(1, ...samples.map(({ memory }) => memory)), 100),
    },
    failures: attended.flatMap(({ failure }, at) =>
      failure === null ? [] : [{ learner: at + 1, ...failure }],
    ),
  };
}

function timesOf(
  attended: readonly Attended[],
  { lesson }: Selected,
): Pick<Rehearsal, 'sandbox' | 'opening' | 'steps'> {
  return {
    sandbox: spread(known(attended.map(({ sandbox }) => sandbox))),
    opening: spread(known(attended.map(({ opening }) => opening))),
    steps: lesson.steps.map(({ id }, at) => {
      const times = known(attended.map(({ steps }) => steps[at]));
      return { id, ...spread(times), done: times.length };
    }),
  };
}

const known = (times: readonly (number | undefined)[]): number[] =>
  times.filter((time) => time !== undefined);

function spread(times: readonly number[]): { p50: number; longest: number } {
  const sorted = [...times].sort((a, b) => a - b);
  const middle = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
  return { p50: tenths(middle), longest: tenths(sorted.at(-1) ?? 0) };
}
const tenths = (value: number, parts = 10): number => Math.round(value * parts) / parts;
