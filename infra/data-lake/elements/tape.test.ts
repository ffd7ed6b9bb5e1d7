import { describe, expect, it } from 'vitest';
import { createTape } from './tape.ts';

const pace = { stageMs: 3_000, keptMs: 60_000 };

describe('what stands for tape', () => {
  it('waits for the first read, not for the next', () => {
    const tape = createTape(pace);
    expect(tape.read('/a', 0)).toBe(3_000);
    expect(tape.read('/a', 1_000)).toBe(2_000);
    expect(tape.read('/a', 3_000)).toBe(0);
    expect(tape.read('/a', 40_000)).toBe(0);
    expect(tape.read('/b', 40_000)).toBe(3_000);
  });
  it('waits again once the buffer has let go', () => {
    const tape = createTape(pace);
    tape.read('/a', 0);
    expect(tape.read('/a', 62_999)).toBe(0);
    expect(tape.read('/a', 122_998)).toBe(0);
    expect(tape.read('/a', 182_998)).toBe(3_000);
  });
  it('T64 keeps a bounded number of files in mind', () => {
    const tape = createTape(pace);
    for (let i = 0; i <= 10_000; i++) tape.read(`/${i}`, 0);
    expect(tape.read('/10000', 5_000)).toBe(0);
    expect(tape.read('/0', 5_000)).toBe(3_000);
  });
});
