import { describe, expect, it } from 'vitest';
import { descendantsOf, parseStat } from './processes.ts';
import type { Process } from './processes.ts';
import { overDisk, overMemory, overPids } from './verdict.ts';

const MiB = 1024 * 1024;
const process = (pid: number, name: string, memory = 1, written = 0): Process => ({
  pid,
  parent: 1,
  session: 1,
  name,
  memory: memory * MiB,
  written: written * MiB,
});
const shells = new Set([10]);

describe('verdicts', () => {
  it('within the bound nothing ends', () => {
    const all = [process(10, 'bash', 5), process(11, 'python3', 90)];
    expect(overMemory(all, 100 * MiB, shells)).toBeNull();
    expect(overPids(all, 2, shells)).toBeNull();
    expect(overDisk(all, 99, 100, new Map(), shells)).toBeNull();
  });

  it('T42 the biggest ends for memory, with figures a learner can use; a shell only if it is alone', () => {
    const all = [process(10, 'bash', 500), process(11, 'python3', 90), process(12, 'ls', 1)];
    expect(overMemory(all, 100 * MiB, shells)).toEqual({
      end: [11],
      text: '`python3` was ended: the sandbox used 591 MiB of memory, and 100 MiB are its bound.',
    });
    expect(overMemory([process(10, 'bash', 500)], 100 * MiB, shells)?.end).toEqual([10]);
  });

  it('T43 who writes most since the last look ends for the disk; with nobody writing it is only said', () => {
    const all = [process(10, 'bash', 1, 900), process(11, 'dd', 1, 300), process(12, 'cp', 1, 500)];
    expect(overDisk(all, 200 * MiB, 100 * MiB, new Map([[12, 499 * MiB]]), shells)?.end).toEqual([11]);
    const quiet = overDisk(
      all,
      200 * MiB,
      100 * MiB,
      new Map(all.map(({ pid, written }) => [pid, written])),
      shells,
    );
    expect(quiet).toEqual({
      end: [],
      text: 'Your files take 200 MiB, and 100 MiB are the bound. Remove something.',
    });
  });

  it('T41 a fork bomb ends as one', () => {
    const bombs = Array.from({ length: 300 }, (_, i) => process(100 + i, 'bomb'));
    const verdict = overPids([process(10, 'bash'), process(11, 'python3'), ...bombs], 200, shells);
    expect(verdict?.end).toEqual(bombs.map(({ pid }) => pid));
    expect(verdict?.text).toBe('300 processes `bomb` were ended: at most 200 processes may run at a time.');
  });
});

describe('processes', () => {
  it('reads a name with brackets and spaces', () => {
    expect(parseStat('42 (a) b (c)) S 7 42 41 0')).toEqual({ name: 'a) b (c)', parent: 7, session: 41 });
  });

  it('finds descendants, not others', () => {
    const of = (pid: number, parent: number): Process => ({
      pid,
      parent,
      session: 0,
      name: '',
      memory: 0,
      written: 0,
    });
    expect(
      descendantsOf(2, [of(1, 0), of(2, 1), of(3, 2), of(4, 3), of(5, 1), of(6, 5)]).map(({ pid }) => pid),
    ).toEqual([3, 4]);
  });
});
