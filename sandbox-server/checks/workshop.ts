/** What runs in a sandbox for a lesson: its checks, setups, undos and files, through the lab's agent. */
import type { Catalogue, Fill, LessonFile } from '../catalogue/face.ts';
import type { RunResult } from '../contract/agent.ts';
import type { CheckFence, Lesson, Place, Step } from '../contract/lesson.ts';
import type { Language } from '../contract/names.ts';
import type { AgentLink } from '../sandboxes/agent-link.ts';
import type { Services } from '../services/face.ts';
import type { Book } from './book.ts';
import { LessonFailure } from './lesson-failure.ts';
import { scriptFor, TIMEOUT, type Runnable } from './script.ts';
import { isForService, runVerbs } from './service-fence.ts';
import type { Judged } from './step-rules.ts';
import { verdict, type Verdict } from './verdict.ts';
import { WORDS } from './words.ts';

export interface Workshop {
  readonly agent: AgentLink;
  /** the step's checks in order; the first that is not content speaks, else the last */
  judge(lesson: Lesson, step: Step): Promise<Judged>;
  /** one run of one check; facts it states are known from then on */
  look(lesson: Lesson, step: Step, check: CheckFence): Promise<Verdict>;
  /** @throws LessonFailure where a setup fails: half done, it would be blamed on the learner */
  setUp(lesson: Lesson, fences: readonly Runnable[], step?: Step): Promise<void>;
  undo(lesson: Lesson, step: Step): Promise<void>;
  /** @param timeout seconds each. @throws LessonFailure with the first that fails */
  mustRun(
    what: string,
    lesson: Lesson,
    fences: readonly Runnable[],
    timeout: number,
    step?: Step,
  ): Promise<void>;
  run(lesson: Lesson, fence: Runnable, timeout: number, step?: Step): Promise<RunResult>;
  /** blanks filled. @throws LessonFailure where a fact is asked for that no check has stated */
  filled(text: string, place: Place): string;
  giveFiles(lesson: Lesson): Promise<void>;
}
export interface WorkshopNeeds {
  readonly agent: AgentLink;
  readonly book: Pick<Book, 'filling' | 'learn' | 'language'>;
  readonly catalogue: Pick<Catalogue, 'filesFor' | 'fixturesFor'>;
  readonly fill: Fill;
  readonly services: Pick<Services, 'call'>;
  /** a script that asks for a fact nobody has stated fails, instead of finding its blank */
  readonly strict?: boolean;
}

export function createWorkshop(needs: WorkshopNeeds): Workshop {
  const { agent, book, catalogue, fill, services, strict = false } = needs;
  const run = async (lesson: Lesson, fence: Runnable, timeout: number, step?: Step): Promise<RunResult> => {
    const filling = book.filling();
    if (isForService(fence)) return runVerbs(fence, { services, user: filling.user, fill, filling, timeout });
    if (strict) filled(fence.code, fence.place);
    const fixtures: readonly LessonFile[] = await catalogue.fixturesFor(lesson);
    return agent.run(
      scriptFor(fence, {
        lesson: lesson.id,
        ...(step ? { step: step.id } : {}),
        filling,
        fill,
        fixtures,
        timeout,
      }),
    );
  };
  const filled = (code: string, place: Place): string => {
    const { text, missing } = fill(code, book.filling());
    if (missing.length === 0) return text;
    throw new LessonFailure(`No check has stated ${missing.join(', ')} yet.`, { place, command: code });
  };
  const mustRun: Workshop['mustRun'] = async (what, lesson, fences, timeout, step) => {
    for (const fence of fences) {
      const result = await run(lesson, fence, timeout, step);
      if (result.exit !== 0) throw failure(what, fence, timeout, result);
    }
  };
  const look: Workshop['look'] = async (lesson, step, check) => {
    const result = await run(lesson, check, check.timeout, step);
    const said = verdict(result, check, lesson.messages, await book.language());
    await book.learn(said.facts);
    return said;
  };
  /** Hints whose `when` succeeds: what is wrong can be seen, though no check names it. */
  const fitting = async (lesson: Lesson, step: Step): Promise<string[]> => {
    const fits: string[] = [];
    for (const { id, when } of step.hints)
      if (when !== undefined && (await run(lesson, when, TIMEOUT.when, step)).exit === 0) fits.push(id);
    return fits;
  };
  return {
    agent,
    run,
    filled,
    mustRun,
    look,
    async judge(lesson, step) {
      let said: Judged | undefined;
      for (const check of step.checks) {
        said = { ...(await look(lesson, step, check)), waits: check.waits ?? 0 };
        if (said.state !== 'done')
          return { ...said, hints: [...said.hints, ...(await fitting(lesson, step))] };
      }
      return said ?? unchecked(await book.language());
    },
    setUp: (lesson, fences, step) => mustRun('setup', lesson, fences, TIMEOUT.setup, step),
    undo: (lesson, step) => mustRun('undo', lesson, step.undos, TIMEOUT.undo, step),
    async giveFiles(lesson) {
      const files = await catalogue.filesFor(lesson);
      if (files.length > 0) await agent.give({ files: files.map((file) => ({ ...file })), overwrite: false });
    },
  };
}

/** What a step without a check is told. */
function unchecked(language: Language): Judged {
  return { state: 'done', message: WORDS[language].done, hints: [], facts: {}, waits: 0 };
}

function failure(
  what: string,
  { place, code }: Runnable,
  timeout: number,
  { exit, stdout, stderr, timedOut }: RunResult,
): LessonFailure {
  const how = timedOut ? `ran longer than ${timeout} s` : `ended with exit status ${exit}`;
  return new LessonFailure(`This ${what} ${how}.`, { place, command: code, output: stdout + stderr });
}
