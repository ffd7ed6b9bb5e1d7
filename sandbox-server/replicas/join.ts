/** One server among several on a PostgreSQL: takes the lead where nobody has it, and speaks with the others. */
import { randomBytes } from 'node:crypto';
import type { Store } from '../store/index.ts';
import type { Log } from '../telemetry/index.ts';
import { alone } from './alone.ts';
import { createCalls } from './calls.ts';
import type { Replicas } from './face.ts';
import { createLead } from './lead.ts';
import { leaseOf } from './lease.ts';
import { openPost, type Envelope } from './post.ts';

/** @returns by the store: one on SQLite has nobody beside it */
export async function joinReplicas(store: Store, log: Log): Promise<Replicas> {
  const { db, notices } = store;
  if (notices === null) return alone();
  const me = randomBytes(8).toString('hex');
  const listeners = new Map<string, Set<(body: unknown) => void>>();
  const gaps = new Set<() => void>();
  const guarded = (act: () => void): void => {
    try {
      act();
    } catch (error) {
      log.error({ err: error }, 'a listener of other servers failed');
    }
  };

  const deliver = (letter: Envelope): void => {
    if (letter.kind === 'gone') return lead.look();
    if (letter.kind !== 'tell') return calls.deliver(letter);
    for (const listener of [...(listeners.get(letter.topic ?? '') ?? [])])
      guarded(() => {
        listener(letter.body);
      });
  };
  const gap = (): void => {
    calls.gap();
    for (const listener of [...gaps]) guarded(listener);
  };
  const post = await openPost({ db, notices }, me, { deliver, gap }, log);
  const lease = leaseOf(store, 'labs', me);
  const lead = createLead(lease, log, () => {
    calls.leaderChanged();
  });
  const calls = createCalls({ post, lead, lease, log });

  return {
    get leads() {
      return lead.leads;
    },
    get term() {
      return lead.term;
    },
    start: (role) => lead.start(role),
    tell(topic, body) {
      post.send({ kind: 'tell', topic, body });
    },
    hear(topic, listener) {
      const heard = listeners.get(topic) ?? new Set();
      listeners.set(topic, heard.add(listener));
      return { [Symbol.dispose]: () => void heard.delete(listener) };
    },
    onGap(listener) {
      gaps.add(listener);
      return { [Symbol.dispose]: () => void gaps.delete(listener) };
    },
    ask: (topic, body, again = false) => calls.ask(topic, body, again),
    answer: (topic, handler) => calls.answer(topic, handler),
    async close() {
      calls.close();
      await lead.close();
      post.send({ kind: 'gone' });
      await post.close();
    },
  };
}
