/** What other rooms ask of checks: a step's run, check, hint, solution, reset, answer; and the watching of labs. */
import type { Answer, Answered, CellAction, CellAnswer, Solution } from '../contract/api.ts';
import type { StepProgress } from '../contract/progress.ts';
import type { TypeResult } from '../contract/agent.ts';
import type { SignedIn } from '../identity/face.ts';

export interface StepAddress {
  readonly lab: string;
  readonly lesson: string;
  readonly step: string;
}
export interface Checks {
  /** type a run fence (or press Ctrl-C for `stop=`) into the learner's terminal, blanks filled */
  run(who: SignedIn, step: StepAddress, action: string, terminal?: string): Promise<TypeResult>;
  /** run a cell in its notebook's kernel; interrupt or begin that kernel anew; where JupyterLab shows the notebook */
  cell(who: SignedIn, step: StepAddress, asked: CellAction): Promise<CellAnswer>;
  acted(who: SignedIn, step: StepAddress, action: string): Promise<StepProgress>;
  check(who: SignedIn, step: StepAddress): Promise<StepProgress>;
  solution(who: SignedIn, step: StepAddress): Promise<Solution>;
  reset(who: SignedIn, step: StepAddress): Promise<StepProgress>;
  answer(who: SignedIn, step: StepAddress, answer: Answer): Promise<Answered>;
  /** lay the lesson's files, run its setup; before its first step opens and at each Start */
  openLesson(
    lab: string,
    lesson: string,
    onStage?: (name: 'files' | 'setup', text: string) => void,
  ): Promise<void>;
  /** replay the solutions of these lessons and mark their steps skipped (*Prepare this for me*) */
  prepare(
    lab: string,
    lessons: readonly string[],
    onProgress: (done: number, all: number, what: string) => void,
  ): Promise<void>;
  /** *fast-forward* and *reset to step*: this step becomes the one at hand; null: all are done. Problem `conflict`: one could not be played */
  goTo(who: SignedIn, lab: string, lesson: string, step: string | null): Promise<void>;
  /** an author saved this lesson: labs of this server take it as it is now, and these steps' checks run again */
  renew(course: string, lesson: string, steps: readonly string[]): Promise<void>;
  close(): Promise<void>;
}
