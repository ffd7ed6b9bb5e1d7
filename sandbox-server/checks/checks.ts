/** What a learner does with a step, and what runs by itself while their lab is open. */
import type { Catalogue, Fill } from '../catalogue/face.ts';
import type { Answer, Answered } from '../contract/api.ts';
import { Problem } from '../contract/errors.ts';
import type { Course, Lesson, Step } from '../contract/lesson.ts';
import type { SignedIn } from '../identity/face.ts';
import type { Labs, OpenLab } from '../labs/face.ts';
import type { Services } from '../services/face.ts';
import type { Log } from '../telemetry/index.ts';
import { goTo } from './go-to.ts';
import { judgeChoices, judgeText, questionIn } from './questions.ts';
import { actOnCell, layCells } from './cells/run-cell.ts';
import type { Checks, StepAddress } from './face.ts';
import { prepareLessons } from './prepare.ts';
import { runAction } from './run-action.ts';
import { resetStep } from './reset.ts';
import { TIMEOUT } from './script.ts';
import { openSession, type Session } from './session.ts';
import { isOver, READ, SOLUTION } from './step-rules.ts';
import { createSessions } from './sessions.ts';
import { WORDS } from './words.ts';

export interface ChecksOptions {
  readonly catalogue: Catalogue;
  readonly labs: Labs;
  readonly fill: Fill;
  readonly services: Pick<Services, 'call'>;
  readonly clock?: () => number;
  readonly log: Log;
}
interface Here {
  readonly session: Session;
  readonly open: OpenLab;
  readonly lesson: Lesson;
  readonly step: Step;
}

export function createChecks(options: ChecksOptions): Checks {
  const { catalogue, labs, fill, services, log } = options;
  const needs = { catalogue, labs, fill, services, log, clock: options.clock ?? Date.now };
  const sessions = createSessions((open) => openSession(needs, open));

  const find = (
    course: string,
    { lesson, step }: Pick<StepAddress, 'lesson' | 'step'>,
  ): { lesson: Lesson; step: Step } => {
    const found = { lesson: catalogue.lesson(course, lesson), step: catalogue.step(course, lesson, step) };
    if (found.lesson === undefined || found.step === undefined)
      throw new Problem('not-found', 'There is no such step.');
    return { lesson: found.lesson, step: found.step };
  };
  const here = async (who: SignedIn, address: StepAddress): Promise<Here> => {
    const open = await labs.open(who, address.lab);
    const found = find(open.lab.course, address);
    return { open, ...found, session: await sessions.of(open) };
  };

  /** a sandbox that does not answer is no failure of who saved a lesson */
  const atFault = (error: unknown): void => {
    log.warn({ err: error }, 'a lab could not take a lesson that was saved');
  };

  const onReady = labs.onReady((open) => {
    sessions
      .of(open)
      .then(async (session) => {
        const lesson = catalogue.lesson(open.lab.course, open.lab.lesson);
        if (lesson !== undefined) await session.inTurn(() => session.open(lesson, false));
        session.listen();
      })
      .catch((error: unknown) => {
        log.warn({ lab: open.lab.id, err: error }, 'the checks of a lab could not begin to listen');
      });
  });
  const onClosed = labs.onClosed((lab) => {
    sessions.close(lab);
  });
  const onLeft = labs.onLeft((lab) => {
    sessions.close(lab);
  });

  return {
    async run(who, address, id, terminal) {
      const at = await here(who, address);
      const action = at.step.actions.find((a) => a.kind === 'run' && a.id === id);
      if (action?.kind !== 'run') throw new Problem('not-found', 'There is no such command in this step.');
      return runAction({ ...at, agent: at.open.agent, fill, log }, action, terminal);
    },
    async cell(who, address, { action: id, do: what }) {
      const at = await here(who, address);
      const action = at.step.actions.find((a) => a.kind === 'cell' && a.id === id);
      if (action?.kind !== 'cell') throw new Problem('not-found', 'There is no such cell in this step.');
      return actOnCell({ ...at, agent: at.open.agent, fill, log }, action, what);
    },
    async acted(who, address, id) {
      const { session, lesson, step } = await here(who, address);
      if (id !== READ && !step.actions.some((action) => action.id === id))
        throw new Problem('bad-request', 'There is no such action in this step.');
      return session.acted(lesson, step, [id]);
    },
    async check(who, address) {
      const { session, lesson, step } = await here(who, address);
      return session.check(lesson, step);
    },
    async solution(who, address) {
      const { session, lesson, step } = await here(who, address);
      if (step.solutions.length === 0) throw new Problem('not-found', 'This step has no solution to show.');
      await session.note(lesson, step, [SOLUTION]);
      const filling = session.book.filling();
      return {
        solutions: step.solutions.map(({ lang, code }) => ({ lang, code: fill(code, filling).text })),
      };
    },
    async reset(who, address) {
      const { session, lesson, step } = await here(who, address);
      return session.inTurn(() => resetStep({ catalogue, fill }, session, lesson, step));
    },
    async answer(who, address, answer) {
      return judgeAnswer(await here(who, address), answer);
    },
    async openLesson(lab, id, onStage) {
      const open = await labs.openUnowned(lab);
      const lesson = catalogue.lesson(open.lab.course, id);
      if (lesson === undefined) throw new Problem('not-found', 'There is no such lesson.');
      const session = await sessions.of(open);
      await session.inTurn(async () => {
        onStage?.('files', 'Laying out the lesson’s files');
        await session.workshop.giveFiles(lesson);
        await layCells({ session, fill, log }, lesson);
        if (lesson.setup.length > 0) onStage?.('setup', 'Setting up the lesson');
        await session.workshop.setUp(lesson, lesson.setup);
        await session.open(lesson, true);
      });
    },
    async prepare(lab, lessons, onProgress) {
      const open = await labs.openUnowned(lab);
      const course = catalogue.course(open.lab.course);
      if (course === undefined) throw new Problem('not-found', 'There is no such course.');
      const session = await sessions.of(open);
      await session.inTurn(() => prepareLessons(session, lessonsOf(course, lessons), onProgress));
    },
    async goTo(who, lab, id, step) {
      const open = await labs.open(who, lab);
      const lesson = catalogue.lesson(open.lab.course, id);
      if (lesson === undefined) throw new Problem('not-found', 'There is no such lesson.');
      const session = await sessions.of(open);
      await session.inTurn(() => goTo({ catalogue, fill }, session, lesson, step));
    },
    async renew(course, id, steps) {
      const lesson = catalogue.lesson(course, id);
      if (lesson === undefined) return;
      const concerned = (await sessions.all()).filter((session) => session.course === course);
      await Promise.all(
        concerned.map((session) => session.inTurn(() => session.renew(lesson, steps)).catch(atFault)),
      );
    },
    close() {
      onReady[Symbol.dispose]();
      onClosed[Symbol.dispose]();
      onLeft[Symbol.dispose]();
      sessions.closeAll();
      return Promise.resolve();
    },
  };
}

async function judgeAnswer({ session, lesson, step }: Here, answer: Answer): Promise<Answered> {
  const question = step.questions.find((q) => q.id === answer.question);
  if (question === undefined) throw new Problem('not-found', 'There is no such question in this step.');
  const language = await session.book.language();
  const words = WORDS[language];
  let answered: Answered;
  if (question.kind === 'choice')
    answered = judgeChoices(questionIn(language, lesson, question), answer, words);
  else if (question.answer === undefined)
    throw new Problem('internal', 'This question has no answer. Tell whoever wrote the lesson.');
  else {
    const fence = question.answer;
    const { stdout } = await session.inTurn(() => session.workshop.run(lesson, fence, TIMEOUT.answer, step));
    answered = judgeText(stdout, answer, words);
  }
  if (answered.right) await session.acted(lesson, step, [question.id]);
  else
    await session.book.change(lesson.id, step.id, (before) =>
      isOver(before.state)
        ? null
        : { ...before, state: 'not-done', message: answered.why, tries: before.tries + 1 },
    );
  return answered;
}

function lessonsOf(course: Course, ids: readonly string[]): Lesson[] {
  return course.lessons.filter((lesson) => ids.includes(lesson.id));
}
