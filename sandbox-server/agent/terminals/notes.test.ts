import { describe, expect, it } from 'vitest';
import type { FromAgent } from '../../contract/terminal.ts';
import { Notes } from './notes.ts';

const idle: FromAgent = { type: 'prompt', prompt: { state: 'idle' } };

describe('notes', () => {
  it('begins with what an earlier agent recorded', () => {
    const notes = new Notes([
      { offset: 0, type: 'resize', size: { cols: 80, rows: 24 } },
      { offset: 90, type: 'exit', code: 1 },
    ]);
    expect(notes.from(0)?.note).toEqual({
      offset: 0,
      message: { type: 'resize', size: { cols: 80, rows: 24 } },
      lasting: true,
    });
    expect(notes.from(1)?.note.message).toEqual({ type: 'exit', code: 1 });
    expect(notes.from(2)).toBeNull();
  });

  it('finds the first note at or after an offset', () => {
    const notes = new Notes([]);
    for (const offset of [5, 5, 8, 20]) notes.add(offset, idle, false);
    expect([0, 5, 6, 8, 9, 20, 21].map((offset) => notes.at(offset))).toEqual([0, 0, 2, 2, 3, 3, 4]);
  });

  it('is bounded, and numbers stay what they were', () => {
    const notes = new Notes([]);
    for (let i = 0; i < 50_000; i += 1) notes.add(i, idle, false);
    expect(notes.next).toBe(50_000);
    expect(notes.from(49_999)?.note.offset).toBe(49_999);
    const oldest = notes.from(0);
    expect(oldest?.note.offset).toBe(oldest?.number);
    expect(oldest?.number).toBeGreaterThan(40_000);
  });
});
