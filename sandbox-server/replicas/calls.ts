/** Questions to whoever leads, and their answers. A question that was heard twice is answered once. */
import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { Problem, ProblemBody } from '../contract/errors.ts';
import type { Log } from '../telemetry/index.ts';
import type { Lead } from './lead.ts';
import type { Lease } from './lease.ts';
import type { Envelope, Post } from './post.ts';

/** ms without a sign that a question came over: it is asked again */
const TAKEN_MS = 1_500;
/** ms without a leader: a killed one is missed for six seconds */
const NOBODY_MS = 30_000;
const PAUSE_MS = 150;
/** ms that an answer is remembered */
const REMEMBERED_MS = 60_000;

type Handler = (body: unknown) => Promise<unknown>;
type Outcome =
  | { readonly kind: 'answer'; readonly body: unknown }
  | { readonly kind: 'problem'; readonly problem: Problem }
  /** nobody heard it, or the leader is stopping: certainly not done */
  | { readonly kind: 'unheard' }
  /** the leader went after it had heard it */
  | { readonly kind: 'lost' }
  /** it was heard, and its answer may have been missed: that leader remembers it */
  | { readonly kind: 'missed'; readonly leader: string };

interface Asked {
  readonly leader: string;
  taken: boolean;
  settle(outcome: Outcome): void;
}
export interface Calls {
  ask(topic: string, body: object, again: boolean): Promise<unknown>;
  answer(topic: string, handler: Handler): Disposable;
  deliver(letter: Envelope): void;
  leaderChanged(): void;
  /** something may not have been heard */
  gap(): void;
  close(): void;
}
export interface CallsNeeds {
  readonly post: Post;
  readonly lead: Pick<Lead, 'leads'>;
  readonly lease: Pick<Lease, 'holder'>;
  readonly log: Log;
}

export function createCalls({ post, lead, lease, log }: CallsNeeds): Calls {
  const handlers = new Map<string, Handler>();
  const asked = new Map<string, Asked>();
  const answering = new Map<string, Promise<Outcome>>();
  let closed = false;

  const handle = async (topic: string, body: unknown): Promise<Outcome> => {
    const handler = handlers.get(topic);
    if (handler === undefined || closed || !lead.leads) return { kind: 'unheard' };
    try {
      return { kind: 'answer', body: await handler(body) };
    } catch (error) {
      return { kind: 'problem', problem: problemOf(error, topic) };
    }
  };
  const problemOf = (error: unknown, topic: string): Problem => {
    if (error instanceof Problem) return error;
    log.error({ err: error, topic }, 'a question of another server failed');
    return new Problem('internal', 'Something went wrong here. Try again.', { cause: error });
  };
  /** One for another server; the same again is answered the same. */
  const serve = async ({ id = '', from, topic = '', body }: Envelope): Promise<void> => {
    post.send({ kind: 'taken', to: from, id });
    const outcome = await (answering.get(id) ?? remember(id, handle(topic, body)));
    if (outcome.kind === 'answer') post.send({ kind: 'answer', to: from, id, body: outcome.body });
    else if (outcome.kind === 'problem')
      post.send({ kind: 'problem', to: from, id, body: outcome.problem.toBody() });
    else post.send({ kind: 'problem', to: from, id });
  };
  const remember = (id: string, outcome: Promise<Outcome>): Promise<Outcome> => {
    answering.set(id, outcome);
    void outcome.then(({ kind }) => {
      setTimeout(() => answering.delete(id), kind === 'unheard' ? 0 : REMEMBERED_MS).unref();
    });
    return outcome;
  };

  const askOther = (leader: string, id: string, topic: string, body: object): Promise<Outcome> =>
    new Promise((resolve) => {
      const unheard = setTimeout(() => {
        if (!mine.taken) mine.settle({ kind: 'unheard' });
      }, TAKEN_MS);
      const mine: Asked = {
        leader,
        taken: false,
        settle(outcome) {
          clearTimeout(unheard);
          asked.delete(id);
          resolve(outcome);
        },
      };
      asked.set(id, mine);
      post.send({ kind: 'ask', to: leader, id, topic, body });
    });

  /** @param heardBy the leader that heard it already: to nobody else but with `again` */
  const askOnce = async (
    id: string,
    topic: string,
    body: object,
    heardBy: string | null,
  ): Promise<Outcome> => {
    const leader = lead.leads ? null : await lease.holder();
    if (heardBy !== null && leader?.holder !== heardBy) return { kind: 'lost' };
    if (lead.leads) return handle(topic, body);
    return leader === null ? { kind: 'unheard' } : askOther(leader.holder, id, topic, body);
  };

  return {
    async ask(topic, body, again) {
      const id = randomBytes(12).toString('hex');
      let heardBy: string | null = null;
      for (
        const deadline = performance.now() + NOBODY_MS;
        performance.now() < deadline;
        await wait(PAUSE_MS)
      ) {
        if (closed) break;
        const outcome = await askOnce(id, topic, body, heardBy);
        if (outcome.kind === 'answer') return outcome.body;
        if (outcome.kind === 'problem') throw outcome.problem;
        if (outcome.kind === 'lost' && !again) throw lost();
        heardBy = outcome.kind === 'missed' && !again ? outcome.leader : null;
      }
      throw new Problem('unavailable', 'The server is restarting. Try again in a moment.');
    },
    answer(topic, handler) {
      handlers.set(topic, handler);
      return { [Symbol.dispose]: () => void handlers.delete(topic) };
    },
    deliver(letter) {
      const id = letter.id ?? '';
      if (letter.kind === 'ask') return void serve(letter);
      const mine = asked.get(id);
      if (mine === undefined) return;
      if (letter.kind === 'taken') mine.taken = true;
      else if (letter.kind === 'answer') mine.settle({ kind: 'answer', body: letter.body });
      else {
        const problem = ProblemBody.safeParse(letter.body);
        mine.settle(
          problem.success ? { kind: 'problem', problem: problemFrom(problem.data) } : { kind: 'unheard' },
        );
      }
    },
    leaderChanged() {
      for (const mine of [...asked.values()]) mine.settle({ kind: mine.taken ? 'lost' : 'unheard' });
    },
    gap() {
      for (const mine of [...asked.values()])
        mine.settle(mine.taken ? { kind: 'missed', leader: mine.leader } : { kind: 'unheard' });
    },
    close() {
      closed = true;
    },
  };
}

function problemFrom({ code, message, details }: ProblemBody): Problem {
  return new Problem(code, message, details === undefined ? {} : { details });
}
function lost(): Problem {
  return new Problem(
    'unavailable',
    'The server that did this stopped in the middle, so it is not known whether it was done. Look, and try again.',
  );
}
