/**
 * One start, from a row to a ready lab: kit, sandbox, identity, tokens, lessons. Each step is idempotent,
 * so a crash anywhere is followed by the same run from its beginning with the same lab (F1).
 */
import { Problem } from '../contract/errors.ts';
import type { Course, Lesson } from '../contract/lesson.ts';
import type { Stage } from '../contract/lab.ts';
import { unlessAborted } from '../sandboxes/unless-aborted.ts';
import { withoutControls } from '../telemetry/index.ts';
import { newsFor } from './agent-news.ts';
import { openCluster } from './cluster-access.ts';
import { keptUntil, type Context, type Live } from './context.ts';
import { untilKitReady } from './kit-stage.ts';
import { lendServices } from './lent-services.ts';
import { lessonsBefore, lessonsToReplay } from './needed-lessons.ts';
import { lessonsInHome, progressOf } from './progress.ts';
import { preparedOf, stagesOf, type Change, type LabRecord } from './records.ts';
import { seedFor } from './seed.ts';
import { admitTo, untilServicesRun } from './service-stage.ts';
import { shareEvents } from './shared-events.ts';
import { advance, begin, ordinal, ready } from './stages.ts';
import { needsOf } from './token-needs.ts';

/** @throws whatever stopped it: a Problem for the learner, or the signal's reason where it was called off */
export async function runStart(context: Context, id: string, signal: AbortSignal): Promise<void> {
  const start = await beginStart(context, id, signal);
  await start.haveKitAndServices();
  await start.haveSandbox();
  await start.introduce();
  await start.openUntilReady();
}

/** Opening a further lesson in a sandbox that runs: the end of the same recipe. */
export async function runLesson(context: Context, id: string, signal: AbortSignal): Promise<void> {
  const start = await beginStart(context, id, signal);
  await start.openUntilReady();
}

interface Start {
  haveKitAndServices(): Promise<void>;
  haveSandbox(): Promise<void>;
  introduce(): Promise<void>;
  /** the lesson asked for last: it may change while another opens */
  openUntilReady(): Promise<void>;
}

async function beginStart(context: Context, id: string, signal: AbortSignal): Promise<Start> {
  let record = await known(context, id);
  const change = async (what: Change, durable = false): Promise<void> => {
    await saying;
    signal.throwIfAborted();
    record = await context.change(record, what, durable);
  };
  const stage = async (name: string, text: string, more: Change = {}): Promise<void> => {
    await saying;
    await change({ ...more, stages: JSON.stringify(begin(stagesOf(record), name, text, context.clock())) });
  };
  /** one after the other: each adds to the stages that the one before left */
  let saying: Promise<void> = Promise.resolve();
  /** from callbacks that nobody waits for: only memory changes, and a start called off says no more */
  const say = (name: string, text: string, progress?: Stage['progress'], more: Change = {}): void => {
    const telling = async (): Promise<void> => {
      if (signal.aborted) return;
      const begun = begin(stagesOf(record), name, text, context.clock());
      const stages = JSON.stringify(advance(begun, text, progress));
      record = await context.change(record, { ...more, stages }, false);
    };
    saying = saying.then(telling).catch(unsaid);
  };
  const unsaid = (error: unknown): void => {
    context.log.error({ lab: id, err: error }, 'a stage could not be told');
  };

  const openOne = async (course: Course, lesson: Lesson): Promise<void> => {
    const before = await missingBefore(context, record, course, lesson);
    const replayed = course.lessons.filter(({ id: each }) => before.includes(each));
    await haveServices([lesson, ...replayed]);
    await haveCluster([lesson, ...replayed]);
    await giveTokens(context, record, lesson, stage, signal);
    await prepareBefore(before);
    if (replayed.length > 0) {
      await haveServices([lesson]);
      await haveCluster([lesson]);
    }
    await unlessAborted(
      context.openLesson(id, lesson.id, (name, text) => {
        say(name, text);
      }),
      signal,
    );
  };
  /** Running, the learner admitted, reachable in the sandbox: exactly what these lessons name. */
  const haveServices = async (lessons: readonly Lesson[]): Promise<void> => {
    const names = [...new Set(lessons.flatMap(({ needs }) => needs.services))];
    await servicesRun(names);
    const live = context.live.get(id);
    if (live === undefined) return;
    await unlessAborted(lendServices(context, { lab: id, user: record.login, live }, names), signal);
  };
  const haveCluster = (lessons: readonly Lesson[]): Promise<void> => {
    const told = (text: string): void => {
      say('namespace', text);
    };
    return unlessAborted(openCluster(context, record, lessons, told, signal), signal);
  };
  const admitted = new Set<string>();
  const servicesRun = async (all: readonly string[]): Promise<void> => {
    const names = all.filter((name) => !admitted.has(name));
    if (names.length === 0) return;
    await unlessAborted(untilServicesRun(context.services, names, serviceNews, signal), signal);
    const titles = names.map((name) => context.services.get(name)?.title ?? name).join(', ');
    await stage('account', `Your account in: ${titles}`);
    const person = await context.identity.person(record.person);
    if (person !== null) await unlessAborted(admitTo(context.services, names, person), signal);
    for (const name of names) admitted.add(name);
  };
  const prepareBefore = async (lessons: string[]): Promise<void> => {
    if (lessons.length === 0) return;
    await stage('prepare', `Preparing what comes before: ${lessons.join(', ')}`);
    const told = (done: number, all: number, what: string): void => {
      say('prepare', what, { done, all, unit: 'steps' });
    };
    const prepared = (await preparedOrTold(context, record, lessons, told, signal)) ? lessons : [];
    await change({ prepare: 0, prepared: JSON.stringify([...preparedOf(record), ...prepared]) }, true);
  };

  const serviceNews = {
    begins: (name: string, text: string) => {
      say(name, text, undefined, record.state === 'queued' ? { state: 'preparing' } : {});
    },
    goesOn: (name: string, text: string, progress: Stage['progress']) => {
      say(name, text, progress);
    },
  };
  const beReady = async (): Promise<void> => {
    await saying;
    const now = context.clock();
    const stages = JSON.stringify(ready(stagesOf(record), now));
    return change(
      { state: 'ready', ready_at: now, kept_until: keptUntil(context), problem: null, stages },
      true,
    );
  };

  return {
    async haveKitAndServices() {
      const news = {
        begins: (text: string) => {
          say('kit', text, undefined, { state: 'preparing' });
        },
        goesOn: (text: string, progress: Stage['progress']) => {
          say('kit', text, progress);
        },
      };
      const names = lessonOf(context, record).lesson.needs.services;
      // the first time both take minutes, and wait for the network in turns: side by side, told one after the other
      for (const name of names) context.services.ready(name, { signal }).catch(() => undefined); // told below
      await unlessAborted(untilKitReady(context.kits, record.kit, news, signal), signal);
      await servicesRun(names);
    },
    async haveSandbox() {
      await stage('claiming', 'Taking a sandbox', { state: 'claiming' });
      // stays among the stages under a name of its own, and is shown beyond them
      const onNote = (text: string): void => {
        say('note', text);
        context.hub.publish(record.person, { type: 'warning', lab: id, text });
      };
      const claim = (onPlace: () => void) =>
        context.driver.claim({ lab: id, kit: record.kit, signal, onStage: say, onPlace, onNote });
      const sandbox = await context.turns.take(claim, signal, (place) => {
        say('queued', `Waiting for a free sandbox: you are ${ordinal(place)}`);
      });
      signal.throwIfAborted();
      joinLive(context, record, sandbox);
      await change({ sandbox: sandbox.id, isolation: sandbox.isolation, state: 'filling' });
    },
    async introduce() {
      await stage('home', 'Bringing your home');
      await unlessAborted(introduce(context, record), signal);
    },
    async openUntilReady() {
      for (
        let opened = '';
        opened !== record.lesson || record.state !== 'ready';
        record = await known(context, id)
      ) {
        opened = record.lesson;
        const { course, lesson } = lessonOf(context, record);
        await openOne(course, lesson);
        record = await known(context, id);
        if (record.lesson === opened) await beReady();
      }
      const live = context.live.get(id);
      if (live) live.wasReady = true;
      context.opened.tell(record);
    },
  };
}

async function known(context: Context, id: string): Promise<LabRecord> {
  const record = await context.records.get(id);
  if (record === undefined) throw new Problem('not-found', 'There is no such lab.');
  return record;
}

/** The sandbox is this lab's from now on: its agent's news go to the learner. */
export function joinLive(context: Context, record: LabRecord, sandbox: Live['sandbox']): Live {
  leaveLive(context, record.id);
  const shared = shareEvents(context.linkTo(sandbox), (error) => {
    context.log.error({ lab: record.id, err: error }, 'a listener of agent events failed');
  });
  const live: Live = { sandbox, shared, wasReady: false, lent: false };
  context.live.set(record.id, live);
  shared.agent.events((event) => {
    const news = newsFor(record.id, event);
    if (news !== null) context.hub.publish(record.person, news);
  });
  return live;
}

export function leaveLive(context: Context, lab: string): void {
  context.live.get(lab)?.shared[Symbol.dispose]();
  context.live.delete(lab);
  context.tokens.stop(lab);
  context.cluster?.stop(lab);
}

/** Tells the agent who it is for. The same claim again is answered the same. */
async function introduce(context: Context, record: LabRecord): Promise<void> {
  const person = await context.identity.person(record.person);
  const live = context.live.get(record.id);
  if (person === null || live === undefined)
    throw new Problem('sandbox-gone', 'The sandbox ended before it was yours. Start again.');
  await live.shared.agent.claim({
    lab: record.id,
    user: person.login,
    fullName: withoutControls(person.name),
    seed: seedFor(context.config.secret, record.person, record.course),
    env: {},
  });
}

async function giveTokens(
  context: Context,
  record: LabRecord,
  lesson: Lesson,
  stage: (name: string, text: string) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const live = context.live.get(record.id);
  if (live === undefined) return;
  if (lesson.needs.tokens.length > 0) await stage('tokens', 'Getting a token for just this lesson');
  await unlessAborted(
    context.tokens.give(
      { lab: record.id, person: record.person, agent: live.shared.agent },
      needsOf(lesson, record.login),
    ),
    signal,
  );
}

async function missingBefore(
  context: Context,
  record: LabRecord,
  course: Course,
  lesson: Lesson,
): Promise<string[]> {
  const before = lessonsBefore(course, lesson);
  if (before.length === 0) return [];
  const inHome = await lessonsInHome(context.store.db, record, course);
  for (const prepared of preparedOf(record)) inHome.add(prepared);
  const { steps } = await progressOf(context.store.db, record.person, course);
  const over = (l: Lesson): boolean =>
    steps.filter((s) => s.lesson === l.id).every((s) => s.state === 'done' || s.state === 'skipped');
  return lessonsToReplay(before, inHome, over, record.prepare === 1);
}

/**
 * A lesson that cannot be replayed must not lock the next one for ever: the learner is told, and goes on.
 * @returns whether all of it was done
 */
async function preparedOrTold(
  context: Context,
  record: LabRecord,
  lessons: readonly string[],
  told: (done: number, all: number, what: string) => void,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await unlessAborted(context.prepare(record.id, lessons, told), signal);
    return true;
  } catch (error) {
    if (signal.aborted || !(error instanceof Problem) || error.code !== 'internal') throw error;
    context.log.warn({ lab: record.id, lessons, err: error }, 'earlier lessons could not be prepared');
    const text = `Not everything that comes before could be prepared: ${error.message}`;
    context.hub.publish(record.person, { type: 'warning', lab: record.id, text: text.slice(0, 500) });
    return false;
  }
}

export function lessonOf(
  context: Pick<Context, 'catalogue'>,
  record: Pick<LabRecord, 'course' | 'lesson'>,
): { course: Course; lesson: Lesson } {
  const course = context.catalogue.course(record.course);
  const lesson = context.catalogue.lesson(record.course, record.lesson);
  if (course === undefined || lesson === undefined)
    throw new Problem(
      'not-found',
      `The lesson ${record.course}/${record.lesson} is no longer here. Open the course's page and choose another.`,
    );
  return { course, lesson };
}
