import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMarkReader } from './marks.ts';
import type { Mark } from './marks.ts';

const NONCE = 'a1b2c3';
function read(chunks: readonly (string | Buffer)[]): { mark: Mark; offset: number }[] {
  const reader = createMarkReader(NONCE);
  const found: { mark: Mark; offset: number }[] = [];
  let at = 0;
  for (const chunk of chunks.map((one) => Buffer.from(one))) {
    reader.feed(chunk, at, (mark, offset) => found.push({ mark, offset }));
    at += chunk.length;
  }
  return found;
}
const SESSION = `\x1b]133;D;0;${NONCE}\x07\x1b[?2004h\x1b]133;A;${NONCE}\x07$ \x1b]133;B;${NONCE}\x07ls\r\n\x1b[?2004l\r\x1b]633;E;echo a\\x3b ls \\\\ \\x0aé;${NONCE}\x07\x1b]133;C;7;${NONCE}\x1b\\out\r\n\x1b[?1049h\x1b[?1049l`;

describe('marks', () => {
  it('reads prompt, line, begin, end and modes, with the offset after each', () => {
    const found = read([SESSION]);
    expect(found.map(({ mark }) => mark)).toEqual([
      { type: 'end', status: 0 },
      { type: 'mode', mode: 'paste', on: true },
      { type: 'prompt-start' },
      { type: 'prompt-end' },
      { type: 'mode', mode: 'paste', on: false },
      { type: 'line', line: 'echo a; ls \\ \né' },
      { type: 'begin', status: 7 },
      { type: 'mode', mode: 'screen', on: true },
      { type: 'mode', mode: 'screen', on: false },
    ]);
    expect(found[0]?.offset).toBe(`\x1b]133;D;0;${NONCE}\x07`.length);
  });

  it('T65 reads the same however the stream is torn', () => {
    const whole = read([SESSION]);
    const bytes = Buffer.from(SESSION);
    expect(read([...bytes].map((byte) => Buffer.from([byte])))).toEqual(whole);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 12 }), (cuts) => {
        const sorted = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        expect(read(sorted.slice(1).map((end, i) => bytes.subarray(sorted[i], end)))).toEqual(whole);
      }),
    );
  });

  it('does not believe a program that prints marks without the nonce, or with a guess', () => {
    expect(read(['\x1b]133;B\x07\x1b]133;B;\x07\x1b]133;B;a1b2c4\x07\x1b]133;D;0;x;a1b2c3 \x07'])).toEqual(
      [],
    );
  });

  it('T64 a sequence that never ends is bounded, and the next mark is read', () => {
    const reader = createMarkReader(NONCE);
    const found: Mark[] = [];
    const junk = Buffer.alloc(1024 * 1024, 'x');
    const feed = (chunk: Buffer): void => reader.feed(chunk, 0, (mark) => found.push(mark));
    feed(Buffer.from('\x1b]52;c;'));
    const before = process.memoryUsage();
    const rounds = process.env['PALESTRA_FULL'] === undefined ? 20 : 100;
    for (let i = 0; i < rounds; i += 1) feed(junk);
    const after = process.memoryUsage();
    expect(after.heapUsed + after.external - before.heapUsed - before.external).toBeLessThan(
      16 * 1024 * 1024,
    );
    feed(Buffer.from(`\x1b]133;B;${NONCE}\x07`));
    expect(found).toEqual([{ type: 'prompt-end' }]);
  });

  it('an abandoned sequence does not swallow the one after it', () => {
    for (const junk of ['\x1b]0;title', '\x1bPq', '\x1b[1;2', '\x1b', '\x1b]8;;http://x\x1b', '\x1b]x\x18']) {
      expect(read([`${junk}\x1b]133;B;${NONCE}\x07`]).map(({ mark }) => mark)).toEqual([
        { type: 'prompt-end' },
      ]);
    }
  });

  it('T65 random bytes raise nothing and forge nothing', () => {
    const reader = createMarkReader(NONCE);
    const rounds = process.env['PALESTRA_FULL'] === undefined ? 10 : 100;
    let seed = 42;
    for (let i = 0; i < rounds; i += 1) {
      const bytes = Buffer.alloc(100_000);
      for (let k = 0; k < bytes.length; k += 1) {
        seed = (seed * 1103515245 + 12345) & 0x7fffffff;
        const dice = seed >> 16;
        bytes[k] = dice % 20 === 0 ? 0x1b : dice % 21 === 0 ? 0x5d : dice & 0xff;
      }
      reader.feed(bytes, 0, (mark) => expect(mark.type).toBe('mode'));
    }
  });
});
