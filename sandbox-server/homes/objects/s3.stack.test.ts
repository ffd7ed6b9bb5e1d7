/** The bucket against a real server that speaks S3, whole, refused, cut in the middle, and away. */
import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BUCKET, KEYS, startGateway } from '../testing/gateway.ts';
import { startFaulty } from '../testing/faulty.ts';
import type { Faulty } from '../testing/faulty.ts';
import type { Gateway } from '../testing/gateway.ts';
import type { ObjectStore, StoredObject } from './object-store.ts';
import { openS3 } from './s3.ts';

let gateway: Gateway;
let faulty: Faulty;
let objects: ObjectStore;
const LARGE = randomBytes(20 * 1024 * 1024 + 5);

beforeAll(async () => {
  gateway = await startGateway();
  faulty = await startFaulty(gateway.endpoint);
  objects = await opened(faulty.endpoint);
});
afterAll(async () => {
  objects.close();
  await faulty[Symbol.asyncDispose]();
  await gateway[Symbol.asyncDispose]();
});
const opened = (endpoint: string): Promise<ObjectStore> =>
  openS3(
    {
      endpoint,
      bucket: BUCKET,
      prefix: 'palestra/',
      region: 'us-east-1',
      pathStyle: true,
      accessKeyEnv: 'TEST_S3_KEY',
      secretKeyEnv: 'TEST_S3_SECRET',
    },
    KEYS,
  );
const pieces = (bytes: Buffer): Readable =>
  Readable.from(
    Array.from({ length: Math.ceil(bytes.length / 100_000) }, (_, i) =>
      bytes.subarray(i * 100_000, (i + 1) * 100_000),
    ),
  );
async function hashOf(key: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of (await objects.get(key)).body as AsyncIterable<Buffer>) hash.update(chunk);
  return hash.digest('hex');
}
async function all(prefix = ''): Promise<StoredObject[]> {
  const found: StoredObject[] = [];
  for await (const one of objects.list(prefix)) found.push(one);
  return found;
}

describe('a bucket', () => {
  it('holds small and large objects byte for byte, lists and removes them', async () => {
    expect(await objects.put('lab/1', pieces(Buffer.from('small')))).toBe(5);
    expect(await objects.put('lab/2', pieces(LARGE))).toBe(LARGE.length);
    expect(await hashOf('lab/2')).toBe(createHash('sha256').update(LARGE).digest('hex'));
    expect((await all('lab/')).map(({ key, size }) => [key, size])).toEqual([
      ['lab/1', 5],
      ['lab/2', LARGE.length],
    ]);
    await objects.remove('lab/1');
    await objects.remove('lab/1');
    await expect(objects.get('lab/1')).rejects.toMatchObject({ code: 'not-found' });
  });

  it('writes a key once: a second write is refused, small or large, and changes nothing', async () => {
    await objects.put('once/1', pieces(Buffer.from('first')));
    for (const bytes of [Buffer.from('second'), LARGE])
      await expect(objects.put('once/1', pieces(bytes))).rejects.toMatchObject({ details: { taken: true } });
    expect((await all('once/'))[0]?.size).toBe(5);
  });

  it('F12 a write whose answer was lost is known again as its own', async () => {
    for (const [key, bytes, method] of [
      ['lost/1', Buffer.from('x'), 'PUT'],
      ['lost/2', LARGE, 'POST'],
    ] as const) {
      let lost = false;
      faulty.fault = (request) => {
        const last =
          request.method === method && (method === 'PUT' || request.url?.includes('uploadId=') === true);
        if (!last || lost) return 'pass';
        lost = true;
        return 'lose-answer';
      };
      expect(await objects.put(key, pieces(bytes))).toBe(bytes.length);
      expect(lost).toBe(true);
    }
    faulty.fault = () => 'pass';
  });

  it('goes through a 503 and a cut; where it stays away it says so, and half an upload is nowhere', async () => {
    let n = 0;
    faulty.fault = () => ((n += 1) % 3 === 0 ? '503' : n % 4 === 0 ? 'cut' : 'pass');
    expect(await objects.put('rough/1', pieces(LARGE))).toBe(LARGE.length);
    faulty.fault = (request) => (request.url?.includes('partNumber=2') === true ? 'cut' : 'pass');
    await expect(objects.put('rough/2', pieces(LARGE))).rejects.toMatchObject({ code: 'unavailable' });
    faulty.fault = () => '503';
    await expect(objects.get('rough/1')).rejects.toMatchObject({ code: 'unavailable' });
    faulty.fault = () => 'pass';
    expect((await all('rough/')).map(({ key }) => key)).toEqual(['rough/1']);
  });

  it('F16 a body that breaks off leaves nothing', async () => {
    const broken = Readable.from(
      (async function* () {
        yield LARGE;
        await Promise.resolve();
        throw new Error('the sandbox went away');
      })(),
    );
    await expect(objects.put('broken/1', broken)).rejects.toThrow('the sandbox went away');
    await objects.tidy(Date.now() + 1000);
    expect(await all('broken/')).toEqual([]);
  });
});
