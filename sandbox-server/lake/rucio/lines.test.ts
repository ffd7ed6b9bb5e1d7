import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { LakeOut } from '../trouble.ts';
import { readLines } from './lines.ts';

const body = (...chunks: (string | Buffer)[]): Readable =>
  Readable.from(chunks.map((chunk) => Buffer.from(chunk)));

describe('lists line by line', () => {
  it('are read across the borders of packets, also in the middle of a letter', async () => {
    const bytes = Buffer.from('{"a":"è"}\n{"b":2}\n');
    expect(await readLines(body(bytes.subarray(0, 7), bytes.subarray(7)))).toEqual({
      lines: [{ a: 'è' }, { b: 2 }],
      cut: false,
    });
  });
  it('may be empty, and may end without a newline', async () => {
    expect(await readLines(body(''))).toEqual({ lines: [], cut: false });
    expect(await readLines(body('{"a":1}\n\n{"b":2}'))).toEqual({ lines: [{ a: 1 }, { b: 2 }], cut: false });
  });
  it('with a quota that has no end, as Python writes it', async () => {
    const { lines } = await readLines(
      body('{"bytes_limit": Infinity, "bytes_remaining":Infinity}\n{"n":"Infinity"}\n'),
    );
    expect(lines).toEqual([{ bytes_limit: null, bytes_remaining: null }, { n: 'Infinity' }]);
  });
  it('are cut at their bound, and the rest is not waited for', async () => {
    const endless = Readable.from(
      (function* () {
        for (;;) yield Buffer.from('{"a":1}\n'.repeat(10));
      })(),
    );
    expect(await readLines(endless, { lines: 25, bytes: 1e9 })).toMatchObject({
      cut: true,
      lines: { length: 25 },
    });
    expect(endless.destroyed).toBe(true);
    const long = await readLines(body('{"a":1}\n'.repeat(10), '{"b":1}\n'), { lines: 100, bytes: 20 });
    expect([long.cut, long.lines.length]).toEqual([true, 10]);
  });
  it('that break off are a server that does not answer', async () => {
    const broken = Readable.from(
      (async function* () {
        yield Buffer.from('{"a":1}\n');
        await Promise.reject(new Error('aborted'));
      })(),
    );
    await expect(readLines(broken)).rejects.toMatchObject({ trouble: { reason: 'down' } });
  });
  it('that are no JSON are said to be none', async () => {
    await expect(readLines(body('<html>\n'))).rejects.toBeInstanceOf(LakeOut);
    await expect(readLines(body('{"a":'))).rejects.toMatchObject({ trouble: { reason: 'misbehaved' } });
  });
});
