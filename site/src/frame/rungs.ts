/** Which rungs of a wall bar are filled. Pure: frame/progress.ts draws what these say. */
export type Rung = 'done' | 'next' | '';
interface Counted {
  readonly done: number;
  readonly steps: number;
}

/** A course: its lessons spread over `rungs`; a rung is done when all it stands for is. */
export function rungsOf(lessons: readonly Counted[], rungs: number): readonly Rung[] {
  return spread(
    lessons.filter((lesson) => lesson.steps > 0 && lesson.done >= lesson.steps).length,
    lessons.length,
    rungs,
    lessons.some((lesson) => lesson.done > 0),
  );
}

/** A lesson: its steps spread over `rungs`. */
export function rungsOfSteps(lesson: Counted, rungs: number): readonly Rung[] {
  return spread(Math.min(lesson.done, lesson.steps), lesson.steps, rungs, lesson.done > 0);
}

/** From below upwards nobody reads: the first is the topmost. `next` only once something was begun. */
function spread(done: number, all: number, rungs: number, begun: boolean): readonly Rung[] {
  const filled = all === 0 ? 0 : Math.floor((done / all) * rungs);
  return Array.from({ length: rungs }, (_, at) =>
    at < filled ? 'done' : at === filled && begun ? 'next' : '',
  );
}
