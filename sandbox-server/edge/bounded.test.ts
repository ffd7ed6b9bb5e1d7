import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { expect, it } from 'vitest';
import { bounded } from './bounded.ts';

const through = async (sizes: number[], limit: number): Promise<number> => {
  let length = 0;
  await pipeline(
    Readable.from(sizes.map((size) => Buffer.alloc(size))),
    bounded(limit, 'An upload'),
    async (chunks) => {
      for await (const chunk of chunks as AsyncIterable<Buffer>) length += chunk.length;
    },
  );
  return length;
};

it('passes up to its bound', async () => expect(await through([500, 500, 24], 1024)).toBe(1024));
it('ends one byte past it, in a sentence', async () => {
  await expect(through([1024, 1], 1024)).rejects.toMatchObject({
    code: 'too-large',
    details: { limit: 1024 },
  });
  await expect(through([3 * 1024 ** 2], 2 * 1024 ** 2)).rejects.toThrow(
    'An upload may be 2 MiB at most. Nothing was changed.',
  );
});
