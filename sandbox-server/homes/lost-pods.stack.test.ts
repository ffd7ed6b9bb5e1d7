/**
 * What is left of a learner's files when their pod goes away, through the whole server on a real cluster and a store that
 * speaks S3: lost without a word, ended with notice, the server killed in the middle of a save, the store slow.
 */
import type { IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Lab, LabState } from '../contract/lab.ts';
import { ours } from '../../tests/bench/terminals.ts';
import { until } from '../../tests/stack/until.ts';
import { learner, type Learner } from '../../tests/world/learner.ts';
import { clusterWorld, type ClusterWorld } from '../../tests/stack/cluster/world.ts';
import { startFaulty, type Fault, type Faulty } from './testing/faulty.ts';
import { BUCKET, KEYS, startGateway, type Gateway } from './testing/gateway.ts';

const MINUTE = 60_000;
let gateway: Gateway;
let faulty: Faulty;
let on: ClusterWorld;

beforeAll(async () => {
  Object.assign(process.env, KEYS);
  gateway = await startGateway();
  faulty = await startFaulty(gateway.endpoint);
  const s3 = {
    endpoint: faulty.endpoint,
    bucket: BUCKET,
    accessKeyEnv: 'TEST_S3_KEY',
    secretKeyEnv: 'TEST_S3_SECRET',
  };
  // every three seconds where something changed
  on = await clusterWorld({ homes: { s3, everyMinutes: 0.05 } });
}, 20 * MINUTE);
afterAll(async () => {
  await on[Symbol.asyncDispose]();
  await faulty[Symbol.asyncDispose]();
  await gateway[Symbol.asyncDispose]();
}, 2 * MINUTE);

interface Working {
  readonly person: Learner;
  readonly lab: string;
}
async function working(name: string): Promise<Working> {
  const person = await learner(on.world.url, name);
  const { id } = await person.start('first-steps', '1-how-a-lab-works');
  return { person, lab: id };
}
const get = ({ person, lab }: Working): Promise<Lab> => person.json<Lab>('GET', `/api/labs/${lab}`);
const act = ({ person, lab }: Working, what: 'pause' | 'resume'): Promise<Lab> =>
  person.json<Lab>('POST', `/api/labs/${lab}/${what}`);
const end = ({ person, lab }: Working): Promise<unknown> => person.json('DELETE', `/api/labs/${lab}`);
const is = (at: Working, state: LabState): Promise<Lab> =>
  until(
    () => get(at),
    (lab) => lab.state === state,
    2 * MINUTE,
  );
const write = ({ lab }: Working, text: string): Promise<string> =>
  on.inPod(lab, `echo ${text} > ~/notes && sync`);
const read = async ({ lab }: Working): Promise<string> => (await on.inPod(lab, 'cat ~/notes')).trim();
const savedAfter = async (at: Working, when: number): Promise<number> => {
  const { savedAt } = await until(
    () => get(at),
    (lab) => (lab.savedAt ?? 0) > when,
    2 * MINUTE,
  );
  return savedAt ?? 0;
};
/** The text is in a save: one may have been under way when it was written, so in the next after that. */
async function saved(at: Working, text: string): Promise<number> {
  await write(at, text);
  await savedAfter(at, Date.now());
  await on.inPod(at.lab, 'date > ~/again');
  return savedAfter(at, Date.now());
}

describe('a lab whose pod goes away', () => {
  it('F13 paused and resumed has its files in another pod', async () => {
    const at = await working('pauser');
    await write(at, 'work');
    const before = await on.podOf(at.lab);
    await act(at, 'pause');
    await act(at, 'resume');
    await is(at, 'ready');
    expect(await on.podOf(at.lab)).not.toBe(before);
    expect(await read(at)).toBe('work');
    await end(at);
  });

  it('F13 lost at once: the learner is told what was saved and when, and goes on from there with one click', async () => {
    const at = await working('lost');
    const savedAt = await saved(at, 'saved');
    await on.forceAway(at.lab);
    const { problem } = await is(at, 'paused');
    expect(problem).toMatchObject({
      code: 'sandbox-gone',
      message: expect.stringMatching(
        /^Your sandbox ended \(.+\)\. Your files are kept as they were .+ago \(saved at \d\d:\d\d UTC\)/,
      ) as string,
    });
    expect((problem?.details as { savedAt: number }).savedAt).toBeGreaterThanOrEqual(savedAt);
    await act(at, 'resume');
    expect((await is(at, 'ready')).problem).toBeNull();
    expect(await read(at)).toBe('saved');
    await end(at);
  });

  it('F13 ended with notice, as by a drain or an eviction: what was written a moment before is saved first', async () => {
    const at = await working('moved');
    await saved(at, 'earlier');
    await write(at, 'later');
    await on.kubectl('delete', 'pod', await on.podOf(at.lab), '--wait=false');
    await is(at, 'paused');
    await act(at, 'resume');
    await is(at, 'ready');
    expect(await read(at)).toBe('later');
    await end(at);
  });
});

describe('F1 F16 the server killed in the middle of a save', () => {
  const of = (lab: string, { url = '' }: IncomingMessage): boolean => url.includes(lab);
  /** where it is killed → what becomes of the requests of the save, and which text is the newest then */
  const STEPS: Record<string, [(lab: string) => (request: IncomingMessage) => Fault, string]> = {
    'before its first byte is taken': [
      (lab) => (request) => (of(lab, request) && request.method !== 'GET' ? 'hold' : 'pass'),
      'old',
    ],
    'in the middle of its bytes': [
      (lab) => (request) => (of(lab, request) && request.url?.includes('partNumber=2') ? 'hold' : 'pass'),
      'old',
    ],
    'with all bytes in the store, the answer on its way': [
      (lab) => (request) =>
        of(lab, request) && request.method === 'POST' && request.url?.includes('uploadId=')
          ? 'hold-answer'
          : 'pass',
      'old',
    ],
    'once it is written down, when old copies are looked for': [
      (lab) => {
        let whole = false;
        return (request) => {
          if (!of(lab, request)) return 'pass';
          if (whole && request.url?.includes('list-type=2')) return 'hold';
          whole ||= request.method === 'POST' && request.url?.includes('uploadId=') === true;
          return 'pass';
        };
      },
      'new',
    ],
  };

  it.each(Object.entries(STEPS))('%s: nothing half, and the learner is told', async (name, [at, newest]) => {
    const lab = await working(`killed${Object.keys(STEPS).indexOf(name)}`);
    await saved(lab, 'old');
    faulty.fault = at(lab.lab);
    // more than one part of 8 MiB, and of a kind that does not compress
    await on.inPod(lab.lab, 'head -c 12000000 /dev/urandom > ~/large && echo new > ~/notes');
    await faulty.held;
    await on.world.kill();
    await on.forceAway(lab.lab);
    faulty.fault = () => 'pass';
    faulty.letGo();
    await on.world.restart();
    expect((await is(lab, 'paused')).problem).toMatchObject({ code: 'sandbox-gone' });
    await act(lab, 'resume');
    await is(lab, 'ready');
    expect(await read(lab)).toBe(newest);
    const size = await on.inPod(lab.lab, 'stat -c %s ~/large 2>/dev/null || echo none');
    expect(size.trim()).toBe(newest === 'new' ? '12000000' : 'none');
    await end(lab);
  });
});

describe('F16 a store that is slow', () => {
  it('leaves the lab usable: shell, files and other learners; what it held is saved when it goes on', async () => {
    const at = await working('slow');
    await saved(at, 'before');
    faulty.fault = (request) => (request.method === 'PUT' ? 'hold' : 'pass');
    await write(at, 'during');
    await faulty.held;
    const client = await ours(on.world.url, at.person, at.lab, '1');
    client.type('echo $((6*7)) is typed\r');
    await client.untilText('42 is typed', MINUTE);
    client.cut();
    const file = await at.person.ask('GET', `/api/labs/${at.lab}/files/content?path=notes`);
    expect(await file.text()).toBe('during\n');
    const other = await working('beside');
    await end(other);
    const now = Date.now();
    faulty.fault = () => 'pass';
    faulty.letGo();
    await savedAfter(at, now);
    await on.forceAway(at.lab);
    await is(at, 'paused');
    await act(at, 'resume');
    await is(at, 'ready');
    expect(await read(at)).toBe('during');
    await end(at);
  });
});
