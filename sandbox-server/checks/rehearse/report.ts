/** What `prove --class` says, to people and to other programs. */
import { z } from 'zod';

/** Seconds, over all learners who came so far. */
const Times = z.object({ p50: z.number(), longest: z.number() });
export const Bottleneck = z.object({
  /** what ran short first */
  name: z.enum(['processors', 'memory', 'sandboxes']),
  /** seconds after the class began */
  at: z.number(),
  text: z.string(),
});
export type Bottleneck = z.infer<typeof Bottleneck>;

export const Rehearsal = z.object({
  /** `course/lesson` */
  id: z.string(),
  driver: z.string(),
  learners: z.number().int(),
  /** how many made each foreseen mistake first, and how many lost their connection again and again */
  mistaken: z.number().int(),
  dropping: z.number().int(),
  /** until they had a sandbox; until the lesson was open in it */
  sandbox: Times,
  opening: Times,
  steps: z.array(Times.extend({ id: z.string(), done: z.number().int() })),
  /** connections that were cut; after each the terminal went on at its byte, or its learner is among `failures` */
  cuts: z.number().int(),
  bottleneck: Bottleneck.nullable(),
  /** highest share of the processors in use, lowest share of memory free: 0 to 1 */
  machine: z.object({ processors: z.number(), memory: z.number() }),
  failures: z.array(z.object({ learner: z.number().int(), where: z.string(), why: z.string() })),
});
export type Rehearsal = z.infer<typeof Rehearsal>;

/** As lines for a terminal. */
export function describeRehearsal(told: Rehearsal): string[] {
  const { learners, mistaken, dropping, steps, failures, bottleneck, machine } = told;
  const wide = Math.max(...steps.map(({ id }) => id.length), 'sandbox'.length);
  const row = (name: string, times: { p50: number; longest: number }, more = ''): string =>
    `  ${name.padEnd(wide)}  ${clock(times.p50)}  ${clock(times.longest)}${more}`.trimEnd();
  const share = (part: number): string => `${Math.round(part * 100)} %`;
  return [
    `${told.id}: ${learners} learners at once; ${mistaken} made each mistake first, ${dropping} dropped off again and again (${told.cuts} cuts)`,
    `  ${'min:s'.padEnd(wide)}   half  longest`,
    row('sandbox', told.sandbox),
    row('opening', told.opening),
    ...steps.map((step) =>
      row(step.id, step, step.done === learners ? '' : `  ${step.done} of ${learners} did it`),
    ),
    ...failures.map(({ learner, where, why }) => `  learner ${learner} stopped at ${where}: ${why}`),
    bottleneck === null
      ? `  no bottleneck: processors at most ${share(machine.processors)} busy, memory at least ${share(machine.memory)} free`
      : `  first bottleneck: ${bottleneck.name}, after ${clock(bottleneck.at).trim()}: ${bottleneck.text}`,
    `  ${learners - new Set(failures.map(({ learner }) => learner)).size} of ${learners} came to the end`,
  ];
}

/** 75.4 → `  1:15` */
function clock(seconds: number): string {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`.padStart(6);
}
