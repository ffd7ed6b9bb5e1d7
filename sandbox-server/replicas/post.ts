/** Words between servers: short ones in the notice itself, long ones as a row that it names; each server's in their order. */
import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import type { Notices, Store } from '../store/index.ts';
import type { Log } from '../telemetry/index.ts';

/** PostgreSQL takes 7,999 bytes */
const SHORT = 7_500;
/** ms that a long one is kept: whoever listens has read it long before */
const KEPT_MS = 60_000;
/** that wait while the database is away; beyond it further ones are given up, and the others hear of a gap */
export const MOST_WAITING = 5_000;
/** ms between tries to say that words were lost */
const LOST_PAUSE_MS = 500;

const Envelope = z.object({
  from: z.string(),
  /** a server's name; absent: all others */
  to: z.string().optional(),
  kind: z.enum(['tell', 'ask', 'taken', 'answer', 'problem', 'gone', 'lost']),
  topic: z.string().optional(),
  id: z.string().optional(),
  body: z.unknown().optional(),
});
export type Envelope = z.infer<typeof Envelope>;

export interface Post {
  /** To be delivered in the order of sending. What cannot be sent is lost: the others then hear of a gap in its place. */
  send(letter: Omit<Envelope, 'from'>): void;
  /** Hears nothing more; resolves when what was sent before is on its way, or given up. */
  close(): Promise<void>;
}

/** @param deliver each letter of another server that is for this one */
export async function openPost(
  { db, notices }: { db: Store['db']; notices: Notices },
  me: string,
  on: { deliver(letter: Envelope): void; gap(): void },
  log: Log,
): Promise<Post> {
  let sending: Promise<void> = Promise.resolve();
  let reading: Promise<void> = Promise.resolve();
  let waiting = 0;
  let failures = 0;
  /** whether the last that waits says that words were lost */
  let endsLost = false;
  const over = new AbortController();

  const packed = async (text: string): Promise<string> => {
    if (Buffer.byteLength(text) <= SHORT) return text;
    const id = randomBytes(12).toString('hex');
    const now = Date.now();
    await db
      .deleteFrom('messages')
      .where('at', '<', now - KEPT_MS)
      .execute();
    await db.insertInto('messages').values({ id, body: text, at: now }).execute();
    return JSON.stringify({ row: id });
  };
  /** @returns undefined where its row is gone */
  const unpacked = async (text: string): Promise<unknown> => {
    const said = JSON.parse(text) as { row?: string };
    if (said.row === undefined) return said;
    const { row } = said;
    const found = await db.selectFrom('messages').select('body').where('id', '=', row).executeTakeFirst();
    return found && (JSON.parse(found.body) as unknown);
  };
  const receive = async (text: string): Promise<void> => {
    const whole = await unpacked(text);
    if (whole === undefined) return on.gap();
    const letter = Envelope.parse(whole);
    if (letter.kind === 'lost' && letter.from !== me) return on.gap();
    if (letter.from !== me && (letter.to ?? me) === me) on.deliver(letter);
  };
  const listening = await notices.listen(
    (text) => {
      reading = reading
        .then(() => receive(text))
        .catch((error: unknown) => {
          log.warn({ err: error }, 'a word of another server could not be read');
          on.gap();
        });
    },
    () => {
      on.gap();
    },
  );
  /** Behind all that waits now, so that whoever asks anew after it is not told something older. */
  const lose = (): void => {
    if (endsLost) return;
    endsLost = true;
    sending = sending.then(sayLost);
  };
  const sayLost = async (): Promise<void> => {
    const text = JSON.stringify({ kind: 'lost', from: me });
    for (;;) {
      const said = await notices.send(text).then(
        () => true,
        () => over.signal.aborted, // otherwise the next try follows
      );
      if (said) return;
      await wait(LOST_PAUSE_MS, undefined, { signal: over.signal }).catch(() => undefined);
    }
  };
  return {
    send(letter) {
      if (waiting >= MOST_WAITING) return lose();
      waiting += 1;
      endsLost = false;
      const text = JSON.stringify({ ...letter, from: me });
      const mine = failures;
      sending = sending
        .then(async () => {
          // what stood behind one that could not be sent is as lost
          if (mine === failures) await notices.send(await packed(text));
        })
        .catch((error: unknown) => {
          failures += 1;
          log.warn({ err: error, kind: letter.kind }, 'words to other servers were lost');
          endsLost = false;
          lose();
        })
        .finally(() => (waiting -= 1));
    },
    async close() {
      over.abort();
      await sending;
      listening[Symbol.dispose]();
    },
  };
}
