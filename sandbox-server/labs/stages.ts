/** The named, timed parts of a start, as values: what the page lists while a learner waits. */
import type { Stage } from '../contract/lab.ts';

/** a start that prepares many lessons must not grow without end */
const MOST_STAGES = 40;

/** Ends the stage that runs and begins the next; the same name again only changes its sentence. */
export function begin(stages: readonly Stage[], name: string, text: string, now: number): Stage[] {
  const last = stages.at(-1);
  if (last?.name === name && last.seconds === undefined) return [...stages.slice(0, -1), { ...last, text }];
  return [...finish(stages, now), { name, text, at: now }].slice(-MOST_STAGES);
}

/** Ends the stage that runs. */
export function finish(stages: readonly Stage[], now: number): Stage[] {
  const last = stages.at(-1);
  if (last === undefined || last.seconds !== undefined) return [...stages];
  return [...stages.slice(0, -1), { ...last, seconds: seconds(last.at, now) }];
}

/** How far the stage that runs is. */
export function advance(stages: readonly Stage[], text: string, progress: Stage['progress']): Stage[] {
  const last = stages.at(-1);
  if (last === undefined) return [];
  const { progress: _before, ...rest } = last;
  return [...stages.slice(0, -1), { ...rest, text, ...(progress === undefined ? {} : { progress }) }];
}

/** The last stage: since when the start ran, in all. */
export function ready(stages: readonly Stage[], now: number): Stage[] {
  const took = seconds(stages[0]?.at ?? now, now);
  const done = finish(stages, now);
  return [...done, { name: 'ready', text: `Ready in ${took.toFixed(1)} s`, at: now, seconds: 0 }];
}

/** 1 → 1st: a place in the queue as people say it. */
export function ordinal(n: number): string {
  const ending = n % 100 >= 11 && n % 100 <= 13 ? 'th' : (['th', 'st', 'nd', 'rd'][n % 10] ?? 'th');
  return `${String(n)}${ending}`;
}

function seconds(from: number, to: number): number {
  return Math.max(0, to - from) / 1000;
}
