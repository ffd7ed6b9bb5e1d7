/** Which rungs of a wall bar are filled. Pure: frame/progress.ts draws what these say. */
export type Rung = 'done' | 'next' | '';
interface Counted {
  readonly done: number;
  readonly steps: number;
}

/** Steps done of all steps, spread over `rungs`: a lesson alone, or all lessons of a course. */
export function rungsOf(lessons: readonly Counted[], rungs: number): readonly Rung[] {
  const all = sum(lessons.map((lesson) => lesson.steps));
  const done = sum(lessons.map((lesson) => Math.min(lesson.done, lesson.steps)));
  return spread(done, all, rungs);
}

/** The first is the topmost; `next` only once something was begun. */
function spread(done: number, all: number, rungs: number): readonly Rung[] {
  const filled = all === 0 ? 0 : Math.floor((done / all) * rungs);
  return Array.from({ length: rungs }, (_, at) =>
    at < filled ? 'done' : at === filled && done > 0 ? 'next' : '',
  );
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
