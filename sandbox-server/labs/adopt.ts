/** After a restart: what runs is found again, what was on its way goes on, what nobody owns is given back. */
import type { Sandbox } from '../sandboxes/driver.ts';
import { resumeCluster } from './cluster-access.ts';
import type { Context, Live } from './context.ts';
import { drive } from './drive.ts';
import type { LabRecord } from './records.ts';
import type { Lane } from './start.ts';
import { lendServices } from './lent-services.ts';
import { joinLive, lessonOf, runStart } from './start-run.ts';
import { endLab, finishPause, loseLab } from './stop.ts';
import { needsOf } from './token-needs.ts';

export async function adoptLabs(context: Context, lane: Lane): Promise<void> {
  const sandboxes = new Map(
    (await context.driver.list()).flatMap((s) => (s.lab === null ? [] : [[s.lab, s] as const])),
  );
  const records = await context.records.allOpen();
  await Promise.all(
    records.map((record) => lane(record, () => adoptOrLog(context, record, sandboxes.get(record.id)))),
  );
  const owned = new Set(records.map((record) => record.id));
  await Promise.all(
    [...sandboxes.keys()].filter((lab) => !owned.has(lab)).map((lab) => context.driver.release(lab)),
  );
}

/** One lab that cannot be adopted must not keep the others from it. */
async function adoptOrLog(context: Context, record: LabRecord, sandbox: Sandbox | undefined): Promise<void> {
  try {
    await adoptOne(context, record, sandbox);
  } catch (error) {
    context.log.error({ lab: record.id, state: record.state, err: error }, 'a lab could not be adopted');
  }
}

async function adoptOne(context: Context, record: LabRecord, sandbox: Sandbox | undefined): Promise<void> {
  switch (record.state) {
    case 'ready':
      return adoptReady(context, record, sandbox);
    case 'queued':
    case 'preparing':
    case 'claiming':
    case 'filling':
      if (!context.runs.has(record.id)) drive(context, record.id, runStart);
      return;
    case 'pausing':
      await finishPause(context, record, sandbox !== undefined);
      return;
    case 'ending':
      await endLab(context, record);
      return;
    case 'paused':
    case 'failed':
      if (sandbox !== undefined) await context.driver.release(record.id);
      return;
    case 'ended':
      return;
  }
}

/** Its sandbox ran on without the server: the same shell, nothing missing. */
async function adoptReady(context: Context, record: LabRecord, sandbox: Sandbox | undefined): Promise<void> {
  // started anew between the server's start and now: it is live already
  if (context.live.has(record.id)) return;
  if (sandbox === undefined) {
    await loseLab(context, record, null, 'while the server was away');
    return;
  }
  const live = joinLive(context, record, sandbox);
  live.wasReady = true;
  const now = { sandbox: sandbox.id, isolation: sandbox.isolation };
  context.opened.tell(record.sandbox === sandbox.id ? record : await context.change(record, now, true));
  const { lesson } = lessonOf(context, record);
  await lendAgain(context, record, live, lesson.needs.services);
  resumeCluster(context, record, lesson);
  await context.tokens.resume(
    { lab: record.id, person: record.person, agent: live.shared.agent },
    needsOf(lesson, record.login),
  );
}

/** What carries its services may have ended with the server's machine; a lab that runs is not ended for it. */
async function lendAgain(
  context: Context,
  record: LabRecord,
  live: Live,
  services: readonly string[],
): Promise<void> {
  try {
    await lendServices(context, { lab: record.id, user: record.login, live }, services);
  } catch (error) {
    context.log.warn({ lab: record.id, services, err: error }, 'services could not be lent again');
    const text = 'The services of this lesson cannot be reached just now. Press Start to have them again.';
    context.hub.publish(record.person, { type: 'warning', lab: record.id, text });
  }
}
