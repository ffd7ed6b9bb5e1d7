import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Fault, strikesOf, type StandingFault } from './fault.ts';
import { readFaults, removeFaults, usersWithFaults, writeFault } from './fault-folder.ts';

let folder = '';
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'faults-'))));
afterEach(() => rm(folder, { recursive: true }));

const standing = (fault: object, until = 2_000): StandingFault => ({
  fault: Fault.parse(fault),
  since: 0,
  until,
});
const st07 = { rse: 'CNAF_USERDISK', user: 'st07' };

describe('faults as files', () => {
  it('are there for whoever reads next, one of each kind', async () => {
    await writeFault(folder, st07, standing({ kind: 'refuse' }));
    await writeFault(folder, st07, standing({ kind: 'refuse', status: 500 }));
    await writeFault(folder, st07, standing({ kind: 'slow', ms: 5 }));
    expect(strikesOf(await readFaults(folder, st07), 1_000)).toEqual({
      refuse: { kind: 'refuse', status: 500 },
      slow: { kind: 'slow', ms: 5, rate: null },
    });
  });

  it("are one learner's at one element", async () => {
    await writeFault(folder, st07, standing({ kind: 'full' }));
    expect(await readFaults(folder, { ...st07, user: 'st07x' })).toEqual([]);
    expect(await readFaults(folder, { ...st07, user: 'st0' })).toEqual([]);
    expect(await readFaults(folder, { ...st07, rse: 'NAPOLI_USERDISK' })).toEqual([]);
    expect(await usersWithFaults(folder, 'CNAF_USERDISK')).toEqual(['st07']);
    expect(await usersWithFaults(folder, 'NAPOLI_USERDISK')).toEqual([]);
  });

  it('end: one kind, or all', async () => {
    await writeFault(folder, st07, standing({ kind: 'full' }));
    await writeFault(folder, st07, standing({ kind: 'garble' }));
    expect(await removeFaults(folder, st07, 'slow')).toBe(0);
    expect(await removeFaults(folder, st07, 'full')).toBe(1);
    expect(await removeFaults(folder, st07)).toBe(1);
    expect(await removeFaults(folder, st07)).toBe(0);
    expect(await readFaults(folder, st07)).toEqual([]);
  });

  it('end by themselves', async () => {
    await writeFault(folder, st07, standing({ kind: 'full' }, 500));
    expect(strikesOf(await readFaults(folder, st07), 499)).toEqual({ full: { kind: 'full' } });
    expect(strikesOf(await readFaults(folder, st07), 500)).toEqual({});
  });

  it('two who set at once undo nothing of each other', async () => {
    const kinds = [{ kind: 'full' }, { kind: 'garble' }, { kind: 'slow' }, { kind: 'refuse' }];
    await Promise.all(
      Array.from({ length: 80 }, (_, i) => writeFault(folder, st07, standing(kinds[i % 4] ?? {}))),
    );
    expect(await readFaults(folder, st07)).toHaveLength(4);
    expect(await readdir(join(folder, 'CNAF_USERDISK/st07'))).toHaveLength(4);
  });

  it('F17 half a file is not read', async () => {
    await writeFault(folder, st07, standing({ kind: 'full' }));
    await writeFile(join(folder, 'CNAF_USERDISK/st07/.1234'), '{"fau');
    expect(await readFaults(folder, st07)).toHaveLength(1);
  });

  it.each([
    { rse: 'CNAF_USERDISK', user: '../../etc' },
    { rse: 'CNAF_USERDISK', user: '' },
    { rse: 'CNAF_USERDISK', user: 'st07/..' },
    { rse: '../x', user: 'st07' },
    { rse: 'a/b', user: 'st07' },
  ])('T31 %j names no folder', async (whose) => {
    await expect(writeFault(folder, whose, standing({ kind: 'full' }))).rejects.toThrow();
    await expect(readFaults(folder, whose)).rejects.toThrow();
    await expect(removeFaults(folder, whose)).rejects.toThrow();
  });
});

describe('a fault', () => {
  it('has bounds', () => {
    for (const bad of [
      { kind: 'refuse', status: 200 },
      { kind: 'refuse', status: '503 ' + 'x' },
      { kind: 'slow', ms: -1 },
      { kind: 'slow', rate: 0 },
      { kind: 'slow', ms: 1e9 },
      { kind: 'garble', how: 'else' },
      { kind: 'reboot' },
    ])
      expect(Fault.safeParse(bad).success).toBe(false);
  });
  it('takes the words of a verb', () => {
    expect(Fault.parse({ kind: 'slow', ms: '250', rate: '1000' })).toEqual({
      kind: 'slow',
      ms: 250,
      rate: 1000,
    });
    expect(Fault.parse({ kind: 'refuse', status: '507' })).toEqual({ kind: 'refuse', status: 507 });
  });
});
