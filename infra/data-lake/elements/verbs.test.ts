import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openAccessLog, type AccessEntry } from './gate/access-log.ts';
import { forgetLearner, healFaults, listFaults, setFault } from './faults.ts';
import { accessLogOf } from './folders.ts';
import { storedPath } from './paths.ts';
import { elementOf, type LakePlace } from '../place.ts';
import { forgetPlace, testPlace } from './testing/lake.ts';
import { elementVerbs } from './verbs.ts';

let place: LakePlace;
beforeEach(async () => void (place = await testPlace()));
afterEach(() => forgetPlace(place));
const verbs = () => elementVerbs(place);

describe('faults of a lesson', () => {
  it('say what they do, and until when', async () => {
    const answer = await verbs().refuse('st07', { element: 'NAPOLI_USERDISK' });
    expect(answer).toMatchObject({
      said: 'NAPOLI_USERDISK answers 503 to everything below /rucio/user/st07.',
      element: 'NAPOLI_USERDISK',
    });
    expect(await listFaults(place)).toMatchObject([
      {
        user: 'st07',
        rse: 'NAPOLI_USERDISK',
        fault: { kind: 'refuse', status: 503 },
        until: answer['until'],
      },
    ]);
  });
  it.each([
    ['slow', { ms: '250', rate: '1000' }, 'CNAF_USERDISK answers after 250 ms, at 1000 bytes a second to'],
    ['garble', {}, 'CNAF_USERDISK answers nonsense to'],
    ['full', {}, 'CNAF_USERDISK is full for'],
    ['refuse', { status: '500' }, 'CNAF_USERDISK answers 500 to'],
  ] as const)('%s %j', async (name, words, said) => {
    expect((await verbs()[name]('st07', { element: 'cnaf', ...words })).said).toContain(said);
  });
  it.each([
    ['refuse', {}, 'Say at which element: refuse element=CNAF_USERDISK'],
    ['refuse', { element: 'BARI_USERDISK' }, 'There is no element BARI_USERDISK'],
    ['refuse', { element: 'cnaf', stauts: '500' }, 'refuse does not know stauts=; it knows element, status.'],
    ['refuse', { element: 'cnaf', status: '200' }, 'refuse status: '],
    ['slow', { element: 'cnaf', rate: '0' }, 'slow rate: '],
    ['full', { element: 'cnaf', ms: '1' }, 'full does not know ms='],
    ['corrupt', { element: 'cnaf' }, 'Say which copy'],
    ['log', { since: 'yesterday' }, 'since=yesterday is no time'],
  ] as const)('%s %j is refused: %s', async (name, words, message) => {
    await expect(verbs()[name]('st07', words)).rejects.toThrow(message);
    expect(await listFaults(place)).toEqual([]);
  });
  it.each(['../st08', '', 'ST07', 'a'.repeat(26), 'st07/x'])('T31 %j is no learner', async (user) => {
    await expect(verbs().full(user, { element: 'cnaf' })).rejects.toMatchObject({ code: 'bad-request' });
    await expect(verbs().heal(user, {})).rejects.toMatchObject({ code: 'bad-request' });
  });
  it("heal one learner's, at one element, of one kind", async () => {
    for (const user of ['st07', 'st08'])
      for (const element of ['cnaf', 'napoli'])
        for (const name of ['full', 'garble'] as const) await verbs()[name](user, { element });
    expect(await healFaults(place, 'st07', { element: 'cnaf', kind: 'full' })).toBe(1);
    expect(await listFaults(place, 'st07')).toHaveLength(3);
    expect(await verbs().heal('st07', {})).toMatchObject({ ended: 3 });
    expect(await listFaults(place, 'st07')).toEqual([]);
    expect(await listFaults(place, 'st08')).toHaveLength(4);
  });
  it('are gone from the list when their time is over', async () => {
    await setFault(place, 'st07', 'cnaf', { kind: 'full' }, -1);
    expect(await listFaults(place)).toEqual([]);
  });
});

describe('a corrupt copy', () => {
  const path = storedPath('user.st07', 'run42.root') ?? '';
  const at = (one: string) => join(elementOf(place, 'cnaf').data, one);
  beforeEach(async () => {
    await mkdir(dirname(at(path)), { recursive: true });
    await writeFile(at(path), 'a'.repeat(100));
  });

  it('has other bytes in its middle and the same size', async () => {
    const answer = await verbs().corrupt('st07', { element: 'cnaf', name: 'run42.root' });
    expect(answer).toMatchObject({ path, said: 'The copy of run42.root at CNAF_USERDISK is corrupt.' });
    const found = await readFile(at(path));
    expect(found).toHaveLength(100);
    expect(found.filter((byte) => byte !== 97)).toHaveLength(8);
    await verbs().corrupt('st07', { element: 'cnaf', name: 'user.st07:run42.root' });
    expect(await readFile(at(path), 'utf8')).toBe('a'.repeat(100));
    await verbs().corrupt('st07', { element: 'cnaf', name: path });
  });
  it('of an empty file there is none', async () => {
    await writeFile(at(path), '');
    await expect(verbs().corrupt('st07', { element: 'cnaf', name: 'run42.root' })).rejects.toThrow(
      'is empty',
    );
  });
  it.each([
    ['missing.root', 'has no copy at'],
    ['user.st08:run42.root', "leave others' files alone"],
    ['user.st07x:run42.root', "leave others' files alone"],
    ['/rucio/user/st08/a', "leave others' files alone"],
    ['/rucio/user/st07/../st08/a', 'is no path'],
    ['/etc/passwd', "leave others' files alone"],
    ['../../../../etc/passwd', 'No file can have the name'],
    ['', 'No file can have the name'],
    ['/rucio/user/st07', 'has no copy at'],
  ])('T31 %j: %s', async (name, message) => {
    await expect(verbs().corrupt('st07', { element: 'cnaf', name })).rejects.toThrow(message);
    expect(await readFile(at(path), 'utf8')).toBe('a'.repeat(100));
  });
  it('T31 is never behind a link', async () => {
    const outside = join(place.root, 'outside');
    await writeFile(outside, 'secret');
    await symlink(outside, at('/rucio/user/st07/link'));
    await symlink(place.root, at('/rucio/user/st07/folder'));
    for (const name of ['/rucio/user/st07/link', '/rucio/user/st07/folder/outside'])
      await expect(verbs().corrupt('st07', { element: 'cnaf', name })).rejects.toThrow('has no copy at');
    expect(await readFile(outside, 'utf8')).toBe('secret');
  });
  it('a learner who leaves leaves nothing', async () => {
    await setFault(place, 'st07', 'cnaf', { kind: 'full' });
    await forgetLearner(place, 'st07');
    expect(await listFaults(place)).toEqual([]);
    await expect(readFile(at(path))).rejects.toThrow('ENOENT');
    await forgetLearner(place, 'st07');
  });
});

describe('the log of a learner', () => {
  const entry = (change: Partial<AccessEntry>): AccessEntry => ({
    ...{
      time: new Date().toISOString(),
      element: 'CNAF_USERDISK',
      method: 'GET',
      path: '/rucio/user/st07/a',
    },
    ...{ whose: ['st07'], status: 200, ms: 1, in: 0, out: 5 },
    ...change,
  });
  const write = async (rse: string, ...entries: readonly AccessEntry[]) => {
    await mkdir(dirname(accessLogOf(place, rse)), { recursive: true });
    const log = openAccessLog(accessLogOf(place, rse), 2_000);
    for (const one of entries) log.write(one);
    log.close();
  };

  it('tells why, in lines; of this learner alone', async () => {
    await write(
      'CNAF_USERDISK',
      entry({ time: '2026-11-24T14:00:00.000Z', path: '/rucio/user/st07/old' }),
      entry({ status: 403, why: 'expired', said: 'The token has expired: get a new one.' }),
      entry({ whose: ['st07x'], path: '/rucio/user/st07x/a' }),
      entry({
        whose: ['st08', 'st07'],
        method: 'MOVE',
        path: '/rucio/user/st08/a',
        to: '/rucio/user/st07/a',
      }),
    );
    await write('NAPOLI_USERDISK', entry({ element: 'NAPOLI_USERDISK', status: 503, faults: ['refuse'] }));
    const { lines } = await verbs().log('st07', { since: '60s' });
    expect((lines as string[]).map((line) => line.slice(9)).sort()).toEqual([
      'CNAF_USERDISK GET /rucio/user/st07/a 403: The token has expired: get a new one.',
      'CNAF_USERDISK MOVE /rucio/user/st08/a → /rucio/user/st07/a 200',
      'NAPOLI_USERDISK GET /rucio/user/st07/a 503: refuse',
    ]);
    expect((await verbs().log('st07', { element: 'napoli' }))['lines']).toHaveLength(1);
    expect((await verbs().log('ada', {})).said).toBe('Nothing was asked.');
  });
  it('outlives that a file is put aside, and a line that is being written', async () => {
    await write('CNAF_USERDISK', ...Array.from({ length: 12 }, (_, i) => entry({ ms: i })));
    await writeFile(accessLogOf(place, 'CNAF_USERDISK'), '{"time":"2026', { flag: 'a' });
    const { entries } = await verbs().log('st07', { element: 'cnaf' });
    const ms = (entries as AccessEntry[]).map((one) => one.ms);
    expect(ms.length).toBeGreaterThan(5);
    expect(ms.at(-1)).toBe(11);
    expect([...ms].sort((a, b) => a - b)).toEqual(ms);
  });
});
