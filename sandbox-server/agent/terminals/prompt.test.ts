import { describe, expect, it } from 'vitest';
import { NEW_SHELL, isNewPrompt, readMark } from './prompt.ts';
import type { Mark } from './marks.ts';
import type { Finished, PromptReading } from './prompt.ts';

function after(marks: readonly Mark[]): { reading: PromptReading; finished: Finished[] } {
  const finished: Finished[] = [];
  let reading = NEW_SHELL;
  marks.forEach((mark, i) => {
    const step = readMark(reading, mark, 1000 + i * 10);
    reading = step.reading;
    if (step.finished !== null) finished.push(step.finished);
  });
  return { reading, finished };
}
const PROMPT: Mark[] = [{ type: 'prompt-start' }, { type: 'prompt-end' }];

describe('prompt', () => {
  it('is unknown until the first mark, then idle', () => {
    expect(NEW_SHELL.prompt).toEqual({ state: 'unknown' });
    expect(after(PROMPT).reading.prompt).toEqual({ state: 'idle' });
  });

  it('is busy with the line from its begin, and tells how it ended', () => {
    const begun: Mark[] = [...PROMPT, { type: 'line', line: 'make' }, { type: 'begin', status: 0 }];
    expect(after(begun).reading.prompt).toEqual({ state: 'busy', command: 'make', since: 1030 });
    const ended = after([...begun, { type: 'end', status: 2 }, ...PROMPT]);
    expect(ended.finished).toEqual([{ line: 'make', exit: 2, startedAt: 1030, ms: 10 }]);
    expect(ended.reading.prompt).toEqual({ state: 'idle' });
  });

  it('Ctrl-C at an empty prompt is no command', () => {
    expect(after([...PROMPT, { type: 'end', status: 130 }, ...PROMPT]).finished).toEqual([]);
  });

  it('several commands in one paste end one by one', () => {
    const { finished } = after([
      ...PROMPT,
      { type: 'line', line: 'a' },
      { type: 'begin', status: 0 },
      { type: 'line', line: 'b' },
      { type: 'begin', status: 3 },
      { type: 'end', status: 0 },
    ]);
    expect(finished.map(({ line, exit }) => [line, exit])).toEqual([
      ['a', 3],
      ['b', 0],
    ]);
  });

  it('bounds what it keeps of a line', () => {
    const { reading, finished } = after([
      { type: 'line', line: 'x'.repeat(1_000_000) },
      { type: 'begin', status: 0 },
    ]);
    expect(reading.prompt.state === 'busy' && reading.prompt.command.length).toBe(300);
    expect(reading.running?.line.length).toBe(4096);
    expect(finished).toEqual([]);
  });

  it('a prompt drawn again by the line editor is no new prompt', () => {
    const { reading } = after([...PROMPT, ...PROMPT]);
    expect(isNewPrompt(reading, { type: 'prompt-end' })).toBe(false);
    expect(isNewPrompt(after([...PROMPT, { type: 'end', status: 0 }]).reading, { type: 'prompt-end' })).toBe(
      true,
    );
    expect(
      isNewPrompt(after([...PROMPT, { type: 'begin', status: 0 }]).reading, { type: 'prompt-end' }),
    ).toBe(true);
  });

  it('knows paste and full-screen modes; a prompt ends the latter', () => {
    const drawn = after([
      { type: 'mode', mode: 'screen', on: true },
      { type: 'mode', mode: 'paste', on: true },
    ]).reading;
    expect([drawn.screen, drawn.paste]).toEqual([true, true]);
    expect(readMark(drawn, { type: 'prompt-end' }, 0).reading.screen).toBe(false);
  });
});
