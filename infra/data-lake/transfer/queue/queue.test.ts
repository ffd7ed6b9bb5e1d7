/** The queue with a copier of the tests' own: what starts when, and what becomes of what is left over. */
import { randomBytes, randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { silentLog } from '../../../../sandbox-server/telemetry/index.ts';
import { TransferFailure } from '../copy/failure.ts';
import type { Arrived, Copier, Order, Watching } from '../copy/third-party-copy.ts';
import { jobFrom, Submission, type NewJob } from '../jobs/submission.ts';
import { createElementRecords } from '../records/elements.ts';
import { openDatabase } from '../records/open.ts';
import { createRecords, type Records } from '../records/records.ts';
import { until } from '../testing/world.ts';
import { createQueue, type Queue, type QueueOptions } from './queue.ts';

type Copy = (order: Order, watching: Watching) => Promise<Arrived>;
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function begin(copy: Copy, change: Partial<QueueOptions> = {}) {
  const db = await openDatabase(':memory:');
  const records = createRecords(db, randomBytes(32));
  const removed: string[] = [];
  const copier: Copier = {
    copy,
    remove: (destination) => Promise.resolve(void removed.push(destination.url.pathname)),
  };
  const options: QueueOptions = {
    records,
    elementRecords: createElementRecords(db),
    copier,
    limits: { total: 4, perLink: 4, inbound: 4, outbound: 4 },
    retries: { most: 2, firstMs: 5, factor: 2, longestMs: 100 },
    keptMs: 60_000,
    log: silentLog(),
    ...change,
  };
  const queue = createQueue(options);
  closing.push(() => records.close());
  closing.push(() => queue.close());
  await queue.start();
  return { queue, records, removed, options };
}
function job(path: string, params: object = {}): NewJob {
  const files = [
    { sources: [`davs://a:1${path}`], destinations: [`davs://b:1${path}`], source_tokens: ['s3cret'] },
  ];
  return jobFrom(Submission.parse({ files, params }), { by: 'rucio', at: Date.now(), elements: [] });
}
const stateOf = async (records: Records, one: NewJob) => (await records.jobs([one.id]))[0]?.files[0];
const becomes = (records: Records, one: NewJob, state: string) =>
  until(
    () => stateOf(records, one),
    (file) => file?.state === state,
    8000,
  );
const arrives: Copy = async (_order, { onWriting }) => {
  await onWriting();
  return { size: 1, copied: true };
};

describe('a file to be tried again', () => {
  it('is, whatever moment it comes due: a clock that moves between two looks forgets nobody', async () => {
    for (let firstMs = 0; firstMs < 12; firstMs += 1) {
      let clock = 1_000_000;
      let tries = 0;
      const copy: Copy = (order, watching) => {
        tries += 1;
        return tries < 3
          ? Promise.reject(new TransferFailure('SOURCE [70] x', true))
          : arrives(order, watching);
      };
      const { queue, records } = await begin(copy, {
        now: () => (clock += 1),
        random: () => 0.5,
        retries: { most: 2, firstMs, factor: 1, longestMs: 100 },
      });
      const one = job(`/x${firstMs}`);
      await queue.submit(one);
      await becomes(records, one, 'finished');
    }
  });
  it('keeps its tokens until it is over, and then they are gone', async () => {
    const seen: (string | null)[] = [];
    const { queue, records } = await begin((order) => {
      seen.push(order.source.token);
      return Promise.reject(new TransferFailure('SOURCE [70] x', true));
    });
    const one = job('/x');
    await queue.submit(one);
    const file = await becomes(records, one, 'failed');
    expect(seen).toEqual(['s3cret', 's3cret', 's3cret']);
    expect(file).toMatchObject({ source_token: null, attempt: 3, failures: 2, reason: 'SOURCE [70] x' });
  });
});

describe('what nobody expected', () => {
  it('ends the file with a sentence, not the service', async () => {
    let first = true;
    const { queue, records } = await begin((order, watching) => {
      if (!first) return arrives(order, watching);
      first = false;
      return Promise.reject(new TypeError('a bug of ours'));
    });
    const [one, two] = [job('/x', { retry: -1 }), job('/y')];
    await queue.submit(one);
    expect(await becomes(records, one, 'failed')).toMatchObject({
      reason: 'TRANSFER [5] The transfer service failed; its log says why',
    });
    await queue.submit(two);
    await becomes(records, two, 'finished');
  });
});

describe('cancel', () => {
  const hangs: Copy = async (_order, { onWriting, signal }) => {
    await onWriting();
    return await new Promise((_done, fail) => {
      signal.addEventListener('abort', () => fail(new Error('aborted')));
    });
  };
  it('of what waits leaves the destination alone; of what was written removes it', async () => {
    const { queue, records, removed } = await begin(hangs, {
      limits: { total: 1, perLink: 1, inbound: 1, outbound: 1 },
    });
    const [running, waiting] = [job('/running'), job('/waiting')];
    await queue.submit(running);
    await queue.submit(waiting);
    await becomes(records, running, 'copying');
    await queue.cancel(waiting.id);
    expect((await stateOf(records, waiting))?.state).toBe('canceled');
    await queue.cancel(running.id);
    await becomes(records, running, 'canceled');
    expect(removed).toEqual(['/running']);
    expect((await records.jobs([running.id]))[0]?.job.state).toBe('CANCELED');
  });
  it('in the moment in which the copy ends: it is canceled, and nothing stays', async () => {
    const gate: { cancel?: () => Promise<void> } = {};
    const { queue, records, removed } = await begin(async (_order, { onWriting }) => {
      await onWriting();
      await gate.cancel?.();
      return { size: 1, copied: true };
    });
    const one = job('/x');
    gate.cancel = () => queue.cancel(one.id);
    await queue.submit(one);
    await becomes(records, one, 'canceled');
    expect(removed).toEqual(['/x']);
  });
  it('twice is as once, and of an unknown job nothing', async () => {
    const { queue, records, removed } = await begin(hangs);
    const one = job('/x');
    await queue.submit(one);
    await becomes(records, one, 'copying');
    await Promise.all([queue.cancel(one.id), queue.cancel(one.id), queue.cancel(randomUUID())]);
    await becomes(records, one, 'canceled');
    expect(removed).toEqual(['/x']);
  });
});

describe('taken up at a start', () => {
  it.each([
    ['preparing', false],
    ['copying', true],
  ] as const)('%s: waits again as the next attempt; ours to remove: %s', async (state, ours) => {
    const seen: boolean[] = [];
    const { records, options } = await begin(arrives);
    const one = job('/x');
    const [row] = (await records.add(one)) ?? [];
    const turn = { file: row?.id ?? 0, attempt: 1 };
    await records.begin(turn, 1);
    if (state === 'copying') await records.writing(turn);
    const second = createQueue({
      ...options,
      copier: {
        ...options.copier,
        copy: (order, watching) => (seen.push(order.ours), arrives(order, watching)),
      },
    });
    closing.push(() => second.close());
    await second.start();
    const file = await becomes(records, one, 'finished');
    expect([seen, file?.attempt, file?.failures]).toEqual([[ours], 2, 0]);
    // an older turn changes nothing any more
    expect(await records.end(turn, { state: 'failed', at: 2 })).toBeNull();
  });
});

describe('old jobs', () => {
  it('are forgotten, files and all, and what runs is not', async () => {
    const { queue, records } = await begin(arrives);
    const one = job('/x');
    await queue.submit(one);
    await becomes(records, one, 'finished');
    const waiting = job('/y');
    await records.add(waiting);
    expect(await records.prune(Date.now() - 1000)).toBe(0);
    expect(await records.prune(Date.now() + 1000)).toBe(1);
    expect(await records.jobs([one.id])).toEqual([]);
    expect(await records.jobs([waiting.id])).toHaveLength(1);
  });
  it('that wait too long are given up with a sentence', async () => {
    const { queue, records } = await begin(arrives, { sweepMs: 50 });
    await queue.configure('b', { banned: { message: 'x', status: 'wait', since: 0 } });
    const one = job('/x', { max_time_in_queue: '1s' });
    await queue.submit(one);
    const file = await until(
      () => stateOf(records, one),
      (seen) => seen?.state === 'canceled',
      16_000,
    );
    expect(file?.reason).toMatch(/stayed in the queue for too long/);
  });
});

it('a restart of the queue shows the same elements', async () => {
  const { queue, options } = await begin(arrives);
  await queue.configure('b', { inbound: 2 });
  const second: Queue = createQueue(options);
  closing.push(() => second.close());
  await second.start();
  expect([...second.elements()]).toEqual([['b', { inbound: 2, outbound: null, banned: null }]]);
});
