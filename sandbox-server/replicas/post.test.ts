import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStore, type Notices, type Store } from '../store/index.ts';
import { onPostgres, testDatabase, type TestDatabase } from '../store/testing/store.ts';
import { silentLog } from '../telemetry/index.ts';
import { MOST_WAITING, openPost, type Post } from './post.ts';
import { until } from './testing/servers.ts';

interface Other {
  readonly heard: unknown[];
  readonly post: Post;
}
let database: TestDatabase;
let stores: Store[];
beforeEach(async () => {
  if (!onPostgres) return;
  database = await testDatabase();
  stores = [await openStore(database.url), await openStore(database.url)];
});
afterEach(async () => {
  if (!onPostgres) return;
  for (const store of stores) await store.close();
  await database.drop();
});

/** One that hears everything, with gaps as they come. @param change of how it sends */
async function opened(index: number, change: (send: Notices['send']) => Notices['send']): Promise<Other> {
  const store = stores[index];
  if (store?.notices == null) throw new Error('only on PostgreSQL');
  const { db, notices } = store;
  const heard: unknown[] = [];
  const on = {
    deliver: ({ body }: { body?: unknown }) => void heard.push(body),
    gap: () => void heard.push('gap'),
  };
  const faulty: Notices = {
    listen: (listener, onGap) => notices.listen(listener, onGap),
    send: change((text) => notices.send(text)),
  };
  return { heard, post: await openPost({ db, notices: faulty }, `server-${String(index)}`, on, silentLog()) };
}
const tell = (post: Post, body: unknown): void => post.send({ kind: 'tell', topic: 'news', body });

describe.runIf(onPostgres)('words that were lost on their way', () => {
  it('F10 behind one that could not be sent: the others hear of a gap, then what came later', async () => {
    let away = true;
    let tries = 0;
    const failing = (send: Notices['send']) => (text: string) => {
      tries += 1;
      return away ? Promise.reject(new Error('away')) : send(text);
    };
    const [one, two] = [await opened(0, failing), await opened(1, (send) => send)];
    for (const body of [1, 2, 3]) tell(one.post, body);
    await until(() => {
      expect(tries).toBeGreaterThan(1);
    });
    tell(one.post, 4);
    away = false;
    await until(() => {
      expect(two.heard).toEqual(['gap', 4]);
    });
    for (const { post } of [one, two]) await post.close();
  });

  it('F10 beyond as many as may wait: what waited comes, then a gap, then what came later', async () => {
    const gate = Promise.withResolvers<undefined>();
    const waiting = (send: Notices['send']) => async (text: string) => {
      await gate.promise;
      await send(text);
    };
    const [one, two] = [await opened(0, waiting), await opened(1, (send) => send)];
    const all = Array.from({ length: MOST_WAITING }, (_, n) => n);
    for (const body of [...all, 'too many', 'more']) tell(one.post, body);
    gate.resolve(undefined);
    await until(() => {
      expect(two.heard.at(-1)).toBe('gap');
    }, 60_000);
    tell(one.post, 'later');
    await until(() => {
      expect(two.heard.at(-1)).toBe('later');
    });
    expect(two.heard).toEqual([...all, 'gap', 'later']);
    for (const { post } of [one, two]) await post.close();
  }, 90_000);

  it('nobody waits for ever at the end of a server whose database stays away', async () => {
    const one = await opened(0, () => () => Promise.reject(new Error('away')));
    tell(one.post, 1);
    await expect(one.post.close()).resolves.toBeUndefined();
  });
});
