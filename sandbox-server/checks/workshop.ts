/** What runs in a sandbox for a lesson: its checks, setups, undos and files, through the lab's agent. */
import type { Catalogue, Fill, LessonFile } from '../catalogue/face.ts';
import type { RunResult } from '../contract/agent.ts';
import { Problem } from '../contract/errors.ts';
import type { Lesson, Step } from '../contract/lesson.ts';
import type { AgentLink } from '../sandboxes/agent-link.ts';
import type { Services } from '../services/face.ts';
import { printable } from '../telemetry/index.ts';
import type { Book } from './book.ts';
import { at, scriptFor, TIMEOUT, type Runnable } from './script.ts';
import { isForService, runVerbs } from './service-fence.ts';
import type { Judged } from './step-rules.ts';
import { verdict } from './verdict.ts';

export interface Workshop {
  readonly agent: AgentLink;
  /** the step's checks in order; the first that is not content speaks, else the last */
  judge(lesson: Lesson, step: Step): Promise<Judged>;
  /** @throws Problem `internal` naming the fence that failed and its last words */
  setUp(lesson: Lesson, fences: readonly Runnable[], step?: Step): Promise<void>;
  undo(lesson: Lesson, step: Step): Promise<void>;
  run(lesson: Lesson, fence: Runnable, timeout: number, step?: Step): Promise<RunResult>;
  giveFiles(lesson: Lesson): Promise<void>;
}
export interface WorkshopNeeds {
  readonly agent: AgentLink;
  readonly book: Book;
  readonly catalogue: Pick<Catalogue, 'filesFor' | 'fixturesFor'>;
  readonly fill: Fill;
  readonly services: Pick<Services, 'call'>;
  readonly lang: string;
}

export function createWorkshop(needs: WorkshopNeeds): Workshop {
  const { agent, book, catalogue, fill, services, lang } = needs;
  const run = async (lesson: Lesson, fence: Runnable, timeout: number, step?: Step): Promise<RunResult> => {
    const filling = book.filling();
    if (isForService(fence)) return runVerbs(fence, { services, user: filling.user, fill, filling, timeout });
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
  const mustPass = async (
    what: string,
    lesson: Lesson,
    fences: readonly Runnable[],
    timeout: number,
    step?: Step,
  ): Promise<void> => {
    for (const fence of fences) {
      const result = await run(lesson, fence, timeout, step);
      if (result.exit !== 0) throw failure(what, fence, result);
    }
  };
  return {
    agent,
    run,
    async judge(lesson, step) {
      let said: Judged = { state: 'done', message: 'Done.', hints: [], facts: {}, waits: 0 };
      for (const check of step.checks) {
        const result = await run(lesson, check, check.timeout, step);
        said = { ...verdict(result, check, lesson.messages, lang), waits: check.waits ?? 0 };
        await book.learn(said.facts);
        if (said.state !== 'done') return said;
      }
      return said;
    },
    setUp: (lesson, fences, step) => mustPass('setup', lesson, fences, TIMEOUT.setup, step),
    undo: (lesson, step) => mustPass('undo', lesson, step.undos, TIMEOUT.undo, step),
    async giveFiles(lesson) {
      const files = await catalogue.filesFor(lesson);
      if (files.length > 0) await agent.give({ files: files.map((file) => ({ ...file })), overwrite: false });
    },
  };
}

function failure(what: string, fence: Runnable, result: RunResult): Problem {
  const last = (result.stderr.trim() || result.stdout.trim()).split('\n').at(-1) ?? '';
  const how = result.timedOut ? 'took too long' : `ended with ${String(result.exit)}`;
  return new Problem(
    'internal',
    printable(
      `The ${what} at ${at(fence.place)} ${how}${last === '' ? '' : `: ${last}`}. Try again; if it stays, tell whoever runs the course.`,
    ),
    {
      details: { place: fence.place },
    },
  );
}
