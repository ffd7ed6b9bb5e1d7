/**
 * Labs as a server shows them that does not decide about them: what the leader tells of labs on their way, and the way
 * to a sandbox of its own, so that terminals, files and previews need nobody in between.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { LearnerEvent } from '../contract/events.ts';
import type { Lab, LabState } from '../contract/lab.ts';
import type { AgentLink } from '../sandboxes/agent-link.ts';
import type { Sandbox } from '../sandboxes/driver.ts';
import type { Context } from './context.ts';
import type { Change, LabRecord } from './records.ts';

/** The row says it all: what the leader had in memory only is on the disk. */
const AT_REST: ReadonlySet<LabState> = new Set(['ready', 'paused', 'ended', 'failed']);
/** ms that a claimed sandbox may take to be seen by another server's watch */
const SEEN_MS = 3_000;
const PAUSE_MS = 50;

const Told = z.object({ person: z.string(), event: LearnerEvent });
const Closed = z.object({ lab: z.string(), why: z.enum(['paused', 'ended', 'lost']) });
const Events = z.array(LearnerEvent);

/** what servers say to each other of labs */
export const TOPIC = {
  event: 'labs/event',
  closed: 'labs/closed',
  began: 'labs/began',
  beginning: 'labs/beginning',
};

/** Hears the leader from now on. */
export function followLeader(context: Context): Disposable {
  const { replicas, records, local, log } = context;
  const hearing = new DisposableStack();
  hearing.use(
    replicas.hear(TOPIC.event, (body) => {
      const { person, event } = Told.parse(body);
      if (event.type === 'lab') {
        records.heard(event.lab.id, AT_REST.has(event.lab.state) ? null : onItsWay(event.lab));
        if (event.lab.token === null) context.heardTokens.delete(event.lab.id);
        else context.heardTokens.set(event.lab.id, event.lab.token);
        if (event.lab.state !== 'ready') context.guests.delete(event.lab.id);
      }
      local.publish(person, event);
    }),
  );
  hearing.use(
    replicas.hear(TOPIC.closed, (body) => {
      const { lab, why } = Closed.parse(body);
      context.guests.delete(lab);
      context.closed.tell(lab, why);
    }),
  );
  hearing.use(
    replicas.hear(TOPIC.began, () => {
      records.forget();
    }),
  );
  hearing.use(
    replicas.onGap(() => {
      if (replicas.leads) return;
      records.forget();
      for (const person of local.listening())
        leadersBeginning(context, person).then(
          (events) => {
            for (const event of events) local.publish(person, event);
          },
          (error: unknown) => {
            log.warn({ err: error }, 'what was missed of a learner’s labs could not be asked for');
          },
        );
    }),
  );
  return hearing;
}

/** A lab's sockets close, at every server. */
export function closedFor(
  { closed, replicas }: Pick<Context, 'closed' | 'replicas'>,
  lab: string,
  why: 'paused' | 'ended' | 'lost',
): void {
  closed.tell(lab, why);
  replicas.tell(TOPIC.closed, { lab, why });
}

/** All that a page is told first, from whoever knows it. */
export async function leadersBeginning(
  { replicas }: Pick<Context, 'replicas'>,
  person: string,
): Promise<LearnerEvent[]> {
  return Events.parse(await replicas.ask(TOPIC.beginning, { person }, true));
}

function onItsWay(lab: Lab): Change {
  return {
    state: lab.state,
    lesson: lab.lesson,
    stages: JSON.stringify(lab.stages),
    sandbox: lab.sandbox,
    isolation: lab.isolation,
    ready_at: lab.readyAt,
    kept_until: lab.keptUntil,
    problem: lab.problem === null ? null : JSON.stringify(lab.problem),
  };
}

/** Another server's ready lab, through a link of our own. */
export interface Guest {
  readonly sandbox: Sandbox;
  readonly agent: AgentLink;
}

/** @returns null where the lab is not ready, or its sandbox is not there */
export async function guestOf(context: Context, record: LabRecord): Promise<Guest | null> {
  if (record.state !== 'ready' || record.sandbox === null) return null;
  const known = context.guests.get(record.id);
  if (known?.sandbox.id === record.sandbox) return known;
  const sandbox = await seen(context, record.id, record.sandbox);
  if (sandbox === undefined) return null;
  const guest = { sandbox, agent: context.linkTo(sandbox) };
  context.guests.set(record.id, guest);
  return guest;
}

async function seen({ driver }: Context, lab: string, id: string): Promise<Sandbox | undefined> {
  for (const deadline = performance.now() + SEEN_MS; ; await wait(PAUSE_MS)) {
    const found = (await driver.list()).find((sandbox) => sandbox.lab === lab && sandbox.id === id);
    if (found !== undefined || performance.now() > deadline) return found;
  }
}
