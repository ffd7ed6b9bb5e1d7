/** Whoever plays a lesson's steps as its learner would: a proof, or *Prepare this for me*. */
import type { Lesson, RunFence } from '../../contract/lesson.ts';
import type { AgentLink } from '../../sandboxes/agent-link.ts';
import type { Workshop } from '../workshop.ts';

/** In a learner's own lab: somebody waits, and what terminals show is there for them to read. */
export const IN_A_LAB: Pick<Player, 'patience' | 'lastOutput'> = {
  patience: { command: 180, until: 120, settle: 20 },
  lastOutput: () => Promise.resolve(''),
};

/** Seconds. */
export interface Patience {
  /** no command of a lesson may take longer: a learner would have gone for coffee */
  readonly command: number;
  /** for a program that stays to become what `until` asks for */
  readonly until: number;
  /** for a check to become content that does not wait: a busy room is slower than a proof's */
  readonly settle: number;
}

export interface Player {
  readonly workshop: Workshop;
  readonly patience: Patience;
  readonly terminals: {
    /** for commands that name none; absent: one that is free */
    readonly runs?: string;
    /** shell solutions are typed here, so that `cd` and variables last as they do for a learner */
    readonly solutions: string;
  };
  /** the end of what a terminal showed since an offset of its log; '' where nobody will read it */
  lastOutput(agent: AgentLink, terminal: string, from: number): Promise<string>;
  /**
   * Told what a command printed of which the lesson shows an output; absent: nobody compares them.
   * @param printed null: more than a terminal keeps. @throws LessonFailure
   */
  readonly onPrinted?: (lesson: Lesson, run: RunFence, printed: string | null) => void;
}
