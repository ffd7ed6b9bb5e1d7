/**
 * A learner's labs: at most one open for each course, each driven forward by one run at a time. Everything that
 * decides about a lab goes through its lane, so that *Start* a hundred times, *Pause* and a lost sandbox meet in order.
 */
import { Problem } from '../contract/errors.ts';
import { z } from 'zod';
import { Lab, StartLab } from '../contract/lab.ts';
import type { LearnerEvent } from '../contract/events.ts';
import type { SignedIn } from '../identity/face.ts';
import { whoeverLeads } from '../identity/whoever-leads.ts';
import { alone } from '../replicas/index.ts';
import { adoptLabs } from './adopt.ts';
import { createAnnouncer, type Context, type LabsOptions, type Live } from './context.ts';
import type { Labs, OpenLab } from './face.ts';
import { createHub, type Hub } from './hub.ts';
import { createLanes } from './lanes.ts';
import { newsFor } from './agent-news.ts';
import { learnFacts, progressOf, recordStep } from './progress.ts';
import { createRecords, labOf, type LabRecord } from './records.ts';
import { followLeader, guestOf, leadersBeginning, TOPIC } from './shared-labs.ts';
import { leaveLive } from './start-run.ts';
import { endLab, leaveLab, loseLab, pauseLab } from './stop.ts';
import { startLab } from './start.ts';
import { createSweeper } from './sweeper.ts';
import { createTokenRenewal } from './token-renewal.ts';
import { createTurns } from './turns.ts';
import { finishUnfinished } from './unfinished.ts';

export function createLabs(options: LabsOptions): Labs {
  const context = contextOf(options);
  const { records, hub, live } = context;
  const lanes = createLanes();
  const lane = <T>(record: Pick<LabRecord, 'person' | 'course'>, work: () => Promise<T>): Promise<T> =>
    lanes.in(`${record.person}\0${record.course}`, work);
  const own = async (who: SignedIn, lab: string): Promise<LabRecord> => {
    const record = await records.get(lab);
    if (record?.person !== who.person.id) throw noSuchLab();
    return record;
  };
  const any = async (lab: string): Promise<LabRecord> => {
    const record = await records.get(lab);
    if (record === undefined) throw noSuchLab();
    return record;
  };
  /** looks the lab up again inside its lane: it may have moved meanwhile */
  const inLane = async (
    who: SignedIn,
    lab: string,
    work: (record: LabRecord) => Promise<LabRecord>,
  ): Promise<Lab> => {
    const found = await own(who, lab);
    return lane(found, async () => context.toLab(await work(await any(found.id))));
  };
  const open = (record: LabRecord): OpenLab =>
    openLab(context, record, live.get(record.id)?.wasReady === true);
  /** with a link of our own where another server looks after it, or this one is only beginning to */
  const openHere = async (record: LabRecord): Promise<OpenLab> => {
    const guest = live.has(record.id) ? null : await guestOf(context, record);
    return guest === null ? open(record) : { lab: context.toLab(record), ...guest };
  };
  const { replicas } = context;
  const leader = whoeverLeads({ replicas, identity: options.identity });
  const decides = { answer: Lab, again: true };
  const start = leader.does({ topic: 'labs/start', question: OfStart, ...decides }, (who, { request }) =>
    startLab(context, lane, who, request),
  );
  const pause = leader.does({ topic: 'labs/pause', question: OfLab, ...decides }, (who, { lab }) =>
    inLane(who, lab, (record) => pauseLab(context, record)),
  );
  const end = leader.does({ topic: 'labs/end', question: OfLab, ...decides }, (who, { lab }) =>
    inLane(who, lab, (record) => endLab(context, record)),
  );
  const answers = new DisposableStack();
  answers.use(leader);
  answers.use(replicas.answer(TOPIC.beginning, (body) => beginning(context, OfPerson.parse(body).person)));
  answers.use(followLeader(context));
  const courseOf = (id: string) => {
    const course = options.catalogue.course(id);
    if (course === undefined) throw new Problem('not-found', 'There is no such course.');
    return course;
  };

  const watching = options.driver.watch((event) => {
    if (event.type === 'released' || event.type === 'lost') context.turns.freed();
    const { lab } = event.sandbox;
    if (lab === null || !replicas.leads) return;
    if (event.type === 'lost')
      giveUp(lab, (record) => loseLab(context, record, event.sandbox.id, event.reason));
    if (event.type === 'leaving')
      giveUp(lab, (record) => leaveLab(context, record, event.sandbox.id, event.reason));
  });
  /** what nobody asked for, so that nobody hears its failure but the log */
  const giveUp = (lab: string, work: (record: LabRecord) => Promise<LabRecord>): void => {
    const given = any(lab).then((record) => lane(record, async () => work(await any(lab))));
    given.catch((error: unknown) => {
      context.log.error({ lab, err: error }, 'a sandbox could not be given up');
    });
  };
  const sweeper = createSweeper(context, (record) =>
    lane(record, async () => endLab(context, await any(record.id))),
  );
  const unfinished = finishUnfinished(
    context,
    (record, work) => lane(record, async () => work(await any(record.id))),
    options.unfinishedMs,
  );

  return {
    start: (who, request) => start(who, { request }),
    async list(who) {
      return (await records.openOfPerson(who.person.id)).map((record) => context.toLab(record));
    },
    get: async (who, lab) => context.toLab(await own(who, lab)),
    pause: (who, lab) => pause(who, { lab }),
    async resume(who, lab) {
      const { course, lesson } = await own(who, lab);
      return start(who, { request: { course, lesson, prepare: false } });
    },
    end: (who, lab) => end(who, { lab }),
    open: async (who, lab) => openHere(await own(who, lab)),
    openUnowned: async (lab) => openLab(context, await any(lab), true),
    async bySandbox(sandbox) {
      const found = [...live.entries()].find(([, l]) => l.sandbox.id === sandbox && l.wasReady);
      if (found) return open(await any(found[0]));
      const elsewhere = await records.bySandbox(sandbox);
      const guest = elsewhere && (await guestOf(context, elsewhere));
      return elsewhere && guest ? { lab: context.toLab(elsewhere), ...guest } : null;
    },
    progress: (who, course) => progressOf(context.store.db, who.person.id, courseOf(course)),
    async progressOf(lab) {
      const record = await any(lab);
      return progressOf(context.store.db, record.person, courseOf(record.course));
    },
    languageOf: async (lab) => (await any(lab)).language,
    async record(lab, step, how = {}) {
      const record = await any(lab);
      // a check that runs is not a state worth keeping: after a crash it does not run any more
      const stands =
        step.state === 'checking'
          ? step
          : await recordStep(context.store, record, step, context.clock(), how);
      hub.publish(record.person, { type: 'step', lab, step: stands });
      return stands;
    },
    async learn(lab, facts) {
      const record = await any(lab);
      const news = await learnFacts(context.store, record, facts, context.clock());
      if (Object.keys(news).length > 0) hub.publish(record.person, { type: 'facts', lab, facts: news });
    },
    subscribe: (person, listener) =>
      hub.subscribe(person, listener, () =>
        replicas.leads ? beginning(context, person) : leadersBeginning(context, person),
      ),
    onClosed: (listener) => context.closed.listen(listener),
    onReady: (listener) =>
      context.opened.listen((record) => {
        listener(open(record));
      }),
    onLeft: (listener) => context.left.listen(listener),
    async adopt() {
      records.forget();
      await records.fence();
      replicas.tell(TOPIC.began, {});
      await adoptLabs(context, lane);
    },
    async cease() {
      await callOffAll(context);
      leaveAll(context);
      records.forget();
    },
    async close() {
      answers.dispose();
      watching[Symbol.dispose]();
      sweeper[Symbol.dispose]();
      unfinished[Symbol.dispose]();
      await callOffAll(context);
      await lanes.settled();
      leaveAll(context);
      context.tokens.close();
      hub.close();
    },
  };
}

/** Runs end where they are; the next leader begins them again. */
async function callOffAll({ runs }: Context): Promise<void> {
  const underWay = [...runs.values()];
  for (const run of underWay)
    run.abort.abort(new Problem('unavailable', 'The server is stopping; your lab goes on when it is back.'));
  await Promise.all(underWay.map((run) => run.done));
}

function leaveAll(context: Context): void {
  for (const lab of [...context.live.keys()]) {
    leaveLive(context, lab);
    context.left.tell(lab);
  }
}

const OfStart = z.object({ request: StartLab });
const OfLab = z.object({ lab: z.string() });
const OfPerson = z.object({ person: z.string() });

/** @returns what the parts share; exported for the sweeper's test */
export function contextOf(options: LabsOptions): Context {
  const clock = options.clock ?? Date.now;
  const replicas = options.replicas ?? alone();
  const records = createRecords(options.store, () => replicas.term);
  const local = createHub(options.log);
  const hub: Hub = {
    ...local,
    publish(person, event) {
      local.publish(person, event);
      replicas.tell(TOPIC.event, { person, event });
    },
  };
  const heardTokens: Context['heardTokens'] = new Map();
  const tell = async (lab: string, event?: LearnerEvent): Promise<void> => {
    const record = await records.get(lab);
    if (record) hub.publish(record.person, event ?? { type: 'lab', lab: context.toLab(record) });
  };
  const tellOrLog = (lab: string, event?: LearnerEvent): void => {
    tell(lab, event).catch((error: unknown) => {
      options.log.error({ lab, err: error }, 'a lab’s news could not be told');
    });
  };
  const tokens = createTokenRenewal({
    identity: options.identity,
    clock,
    log: options.log,
    onChange: (lab) => {
      tellOrLog(lab);
    },
    onWarning: (lab, text) => {
      tellOrLog(lab, { type: 'warning', lab, text });
    },
  });
  /** the token of a lab that another server looks after */
  const elsewhere = (lab: string): Lab['token'] => (replicas.leads ? null : (heardTokens.get(lab) ?? null));
  const context: Context = {
    ...options,
    clock,
    replicas,
    records,
    hub,
    local,
    tokens,
    guests: new Map(),
    heardTokens,
    turns: createTurns(),
    live: new Map<string, Live>(),
    runs: new Map(),
    closed: createAnnouncer(options.log),
    opened: createAnnouncer(options.log),
    left: createAnnouncer(options.log),
    toLab: (record) => labOf(record, tokens.state(record.id) ?? elsewhere(record.id)),
    async change(record, change, durable) {
      const changed = await records.change(record, change, durable);
      hub.publish(changed.person, { type: 'lab', lab: context.toLab(changed) });
      return changed;
    },
  };
  return context;
}

/** Each lab of theirs, and what its agent last said, so that a page that just opened knows the ports too. */
async function beginning(context: Context, person: string): Promise<LearnerEvent[]> {
  const labs = await context.records.openOfPerson(person);
  return labs.flatMap((record) => {
    const standing = context.live.get(record.id)?.shared.standing() ?? [];
    const news = standing.map((event) => newsFor(record.id, event)).filter((event) => event !== null);
    return [{ type: 'lab' as const, lab: context.toLab(record) }, ...news];
  });
}

/** @param early also while the first lesson is being laid: for whoever lays it */
function openLab(context: Context, record: LabRecord, early: boolean): OpenLab {
  const live = context.live.get(record.id);
  if (live && (record.state === 'ready' || (early && record.state === 'filling')))
    return { lab: context.toLab(record), sandbox: live.sandbox, agent: live.shared.agent };
  if (record.problem !== null && record.state === 'paused') {
    const { problem } = context.toLab(record);
    throw new Problem(
      problem?.code ?? 'sandbox-gone',
      problem?.message ?? 'The sandbox ended. Resume the lab to go on.',
    );
  }
  throw new Problem(
    'conflict',
    `The lab is ${record.state}, not ready. ${record.state === 'paused' ? 'Resume it to go on.' : 'Wait until it is ready, or start it again.'}`,
    {
      details: { state: record.state },
    },
  );
}

function noSuchLab(): Problem {
  return new Problem('not-found', 'There is no such lab.');
}
