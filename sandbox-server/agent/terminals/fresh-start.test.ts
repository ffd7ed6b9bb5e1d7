/** Read by the terminal emulator that pages use, so what is tested is what is seen. */
import headless from '@xterm/headless';
import { describe, expect, it } from 'vitest';
import { FRESH_START } from './fresh-start.ts';

/** @returns the lines seen after `before`, the fresh start, what the new shell writes and its prompt */
async function seenAfter(before: string, after = ''): Promise<string[]> {
  const terminal = new headless.Terminal({ cols: 40, rows: 6, allowProposedApi: true });
  for (const part of [before, FRESH_START, after, 'new$'])
    await new Promise<void>((done) => terminal.write(part, done));
  const screen = terminal.buffer.active;
  const lines = Array.from(
    { length: screen.length },
    (_, i) => screen.getLine(i)?.translateToString(true) ?? '',
  );
  terminal.dispose();
  return lines.filter((line) => line !== '');
}

describe('a new shell in an old log', () => {
  it('begins on a line of its own, below the old text', async () => {
    expect(await seenAfter('one\r\ntwo\r\nold$ exit')).toEqual(['one', 'two', 'old$ exit', 'new$']);
  });

  it('begins below the old text where an old program had saved the cursor higher up', async () => {
    expect(await seenAfter('one\x1b7\r\ntwo\r\nold$ exit')).toEqual(['one', 'two', 'old$ exit', 'new$']);
  });

  it('leaves the full screen of a program that was killed, back to the text before it', async () => {
    expect(await seenAfter('old$ less\x1b[?1049h\x1b[2Jpage of less')).toEqual(['old$ less', 'new$']);
  });

  it('frees the scroll region that a killed program had set', async () => {
    const many = Array.from({ length: 8 }, (_, i) => `line ${i}`);
    const seen = await seenAfter(`\x1b[2;3r\x1b[3;1H`, many.join('\r\n'));
    expect(seen).toEqual([...many.slice(0, -1), 'line 7new$']);
  });
});
