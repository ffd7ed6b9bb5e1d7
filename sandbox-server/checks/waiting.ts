/** The clocks of steps that wait: their check runs again every so often, browser or not. */
import type { Lesson, Step } from '../contract/lesson.ts';
import type { StepProgress } from '../contract/progress.ts';

export interface Waiting extends Disposable {
  /** sets or stops the step's clock by what it is at */
  follow(lesson: Lesson, step: Step, progress: StepProgress): void;
}
/** past its time a step is asked after less often: seconds */
const LONGER_EVERY = 15;

/** @param turn runs the step's checks once; its end sets the clock again through `follow` */
export function createWaiting(
  turn: (lesson: Lesson, step: Step) => Promise<unknown>,
  onError: (error: unknown) => void,
): Waiting {
  const clocks = new Map<string, NodeJS.Timeout>();
  let closed = false;
  const stop = (key: string): void => {
    clearTimeout(clocks.get(key));
    clocks.delete(key);
  };
  const set = (lesson: Lesson, step: Step, longer: boolean): void => {
    const key = `${lesson.id}/${step.id}`;
    stop(key);
    if (closed) return;
    clocks.set(
      key,
      setTimeout(() => void tick(lesson, step, longer), everySeconds(step, longer) * 1000),
    );
  };
  const tick = async (lesson: Lesson, step: Step, longer: boolean): Promise<void> => {
    const key = `${lesson.id}/${step.id}`;
    const mine = clocks.get(key);
    try {
      await turn(lesson, step);
    } catch (error) {
      onError(error);
    }
    // a check at fault, or one that could not run, changed nothing: the clock goes on all the same
    if (clocks.get(key) === mine) set(lesson, step, longer);
  };
  return {
    follow(lesson, step, { state, waiting }) {
      if (state === 'waiting') set(lesson, step, waiting?.longer === true);
      else stop(`${lesson.id}/${step.id}`);
    },
    [Symbol.dispose]() {
      closed = true;
      for (const key of [...clocks.keys()]) stop(key);
    },
  };
}

function everySeconds(step: Step, longer: boolean): number {
  const every = Math.min(
    ...step.checks.filter((check) => check.waits !== undefined).map((check) => check.every),
    3600,
  );
  return longer ? Math.max(every, LONGER_EVERY) : every;
}
