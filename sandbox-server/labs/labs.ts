/**
 * A learner's labs: at most one open for each course, each driven forward by one run at a time. Everything that
 * decides about a lab goes through its lane, so that *Start* a hundred times, *Pause* and a lost sandbox meet in order.
 */
import { Problem } from '../contract/errors.ts';
import type { Lab, StartLab } from '../contract/lab.ts';
import type { LearnerEvent } from '../contract/events.ts';
import type { SignedIn } from '../identity/face.ts';
import { adoptLabs } from './adopt.ts';
import { createAnnouncer, type Context, type LabsOptions, type Live } from './context.ts';
import type { Labs, OpenLab } from './face.ts';
import { createHub } from './hub.ts';
import { createLanes } from './lanes.ts';
import { newsFor } from './agent-news.ts';
import { learnFacts, progressOf, recordStep } from './progress.ts';
import { createRecords, labOf, type LabRecord } from './records.ts';
import { leaveLive } from './start-run.ts';
import { endLab, loseLab, pauseLab } from './stop.ts';
import { startLab } from './start.ts';
import { createSweeper } from './sweeper.ts';
import { createTokenRenewal } from './token-renewal.ts';
import { createTurns } from './turns.ts';

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
  const courseOf = (id: string) => {
    const course = options.catalogue.course(id);
    if (course === undefined) throw new Problem('not-found', 'There is no such course.');
    return course;
  };

  const watching = options.driver.watch((event) => {
    if (event.type === 'released' || event.type === 'lost') context.turns.freed();
    if (event.type === 'lost' && event.sandbox.lab !== null)
      void lost(event.sandbox.lab, event.sandbox.id, event.reason);
  });
  const lost = async (lab: string, sandbox: string, reason: string): Promise<void> => {
    try {
      const record = await any(lab);
      await lane(record, async () => loseLab(context, await any(lab), sandbox, reason));
    } catch (error) {
      context.log.error({ lab, err: error }, 'a lost sandbox could not be written down');
    }
  };
  const sweeper = createSweeper(context, (record) =>
    lane(record, async () => endLab(context, await any(record.id))),
  );

  return {
    start: (who, request: StartLab) => startLab(context, lane, who, request),
    async list(who) {
      return (await records.openOfPerson(who.person.id)).map((record) => context.toLab(record));
    },
    get: async (who, lab) => context.toLab(await own(who, lab)),
    pause: (who, lab) => inLane(who, lab, (record) => pauseLab(context, record)),
    async resume(who, lab) {
      const { course, lesson } = await own(who, lab);
      return startLab(context, lane, who, { course, lesson, prepare: false });
    },
    end: (who, lab) => inLane(who, lab, (record) => endLab(context, record)),
    open: async (who, lab) => open(await own(who, lab)),
    openUnowned: async (lab) => openLab(context, await any(lab), true),
    async bySandbox(sandbox) {
      const found = [...live.entries()].find(([, l]) => l.sandbox.id === sandbox && l.wasReady);
      return found ? open(await any(found[0])) : null;
    },
    progress: (who, course) => progressOf(context.store.db, who.person.id, courseOf(course)),
    async progressOf(lab) {
      const record = await any(lab);
      return progressOf(context.store.db, record.person, courseOf(record.course));
    },
    async record(lab, step, how = {}) {
      const record = await any(lab);
      // a check that runs is not a state worth keeping: after a crash it does not run any more
      const stands =
        step.state === 'checking'
          ? step
          : await recordStep(context.store.db, record, step, context.clock(), how);
      hub.publish(record.person, { type: 'step', lab, step: stands });
      return stands;
    },
    async learn(lab, facts) {
      const record = await any(lab);
      const news = await learnFacts(context.store.db, record, facts, context.clock());
      if (Object.keys(news).length > 0) hub.publish(record.person, { type: 'facts', lab, facts: news });
    },
    subscribe: (person, listener) => hub.subscribe(person, listener, () => beginning(context, person)),
    onClosed: (listener) => context.closed.listen(listener),
    onReady: (listener) =>
      context.opened.listen((record) => {
        listener(open(record));
      }),
    adopt: () => adoptLabs(context, lane),
    async close() {
      watching[Symbol.dispose]();
      sweeper[Symbol.dispose]();
      const runs = [...context.runs.values()];
      for (const run of runs)
        run.abort.abort(
          new Problem('unavailable', 'The server is stopping; your lab goes on when it is back.'),
        );
      await Promise.all(runs.map((run) => run.done));
      await lanes.settled();
      for (const lab of [...live.keys()]) leaveLive(context, lab);
      context.tokens.close();
      hub.close();
    },
  };
}

/** @returns what the parts share; exported for the sweeper's test */
export function contextOf(options: LabsOptions): Context {
  const clock = options.clock ?? Date.now;
  const records = createRecords(options.store);
  const hub = createHub(options.log);
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
  const context: Context = {
    ...options,
    clock,
    records,
    hub,
    tokens,
    turns: createTurns(),
    live: new Map<string, Live>(),
    runs: new Map(),
    closed: createAnnouncer(options.log),
    opened: createAnnouncer(options.log),
    toLab: (record) => labOf(record, tokens.state(record.id)),
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
