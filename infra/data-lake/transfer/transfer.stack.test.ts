/** The service between real XRootD elements behind their gates: what a COPY really answers. */
import { randomBytes } from 'node:crypto';
import { readFile, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestLake, whyNoElements, type TestLake } from '../elements/testing/lake.ts';
import type { ElementName } from '../place.ts';
import { settingsFor } from './part.ts';
import { adlerOf } from './testing/peer.ts';
import { ended, submit, type Params, type SeenJob } from './testing/rucio.ts';
import { runService, type Killable } from './testing/run-until-killed.ts';
import { createWorldAt, until, type RunningService, type World } from './testing/world.ts';
import { Settings } from './settings.ts';

const why = whyNoElements();

describe.skipIf(why !== null)(`between real elements${why === null ? '' : ` (${why})`}`, () => {
  let lake: TestLake;
  let world: World;
  let service: RunningService;
  beforeAll(async () => {
    lake = await startTestLake();
    world = createWorldAt(lake.place, lake.issuer, () => lake.close());
    service = await world.service(await settings());
  }, 120_000);
  afterAll(() => world.close());

  async function settings(change: Partial<Settings> = {}): Promise<Settings> {
    return Settings.parse({
      ...(await world.settings([])),
      ...settingsFor(lake.place),
      listen: { port: 0 },
      user: null,
      state: (await world.settings([])).state,
      retries: { most: 2, firstMs: 200, factor: 2 },
      ...change,
    });
  }

  const pathOf = (name: string) => `/rucio/user/ada/${name}`;
  const on = (element: ElementName, name: string) => {
    const { data } = lake.element(element);
    return join(data, 'rucio/user/ada', name);
  };
  const surl = (element: ElementName, name: string) => {
    const { host, port } = lake.element(element);
    return `davs://${host}:${port}${pathOf(name)}`;
  };
  async function put(element: ElementName, name: string, bytes: Buffer): Promise<void> {
    const { host, port } = lake.element(element);
    const answer = await world.web.ask('PUT', new URL(encodeURI(`https://${host}:${port}${pathOf(name)}`)), {
      headers: { authorization: `Bearer ${await lake.issuer.mint('ada')}` },
      body: bytes.toString('latin1'),
      patienceMs: 20_000,
    });
    if (answer.status !== 201 && answer.status !== 200) throw new Error(`${answer.status} ${answer.body}`);
  }
  async function file(from: ElementName, to: ElementName, name: string, more: Record<string, unknown> = {}) {
    const token = (element: ElementName, scope: string) =>
      lake.issuer.mint('rucio', { sub: 'rucio', aud: lake.element(element).host, scope });
    return {
      sources: [surl(from, name)],
      destinations: [surl(to, name)],
      metadata: { request_id: name },
      source_tokens: [await token(from, 'storage.read:/ offline_access')],
      destination_tokens: [await token(to, 'storage.modify:/ storage.read:/ offline_access')],
      ...more,
    };
  }
  /** ASCII, so that it goes through a body of text */
  const text = (size: number) => Buffer.from(randomBytes(size).toString('base64').slice(0, size));
  async function copied(
    from: ElementName,
    to: ElementName,
    name: string,
    bytes: Buffer,
    params: Params = {},
    more = {},
  ): Promise<SeenJob> {
    await put(from, name, bytes);
    const one = await file(from, to, name, {
      checksum: `ADLER32:${adlerOf(bytes)}`,
      filesize: bytes.length,
      ...more,
    });
    return ended(service, await submit(service, [one], params), 60_000);
  }

  it('copies 2 MB, folders made, the bytes the same', async () => {
    const bytes = text(2_000_000);
    const job = await copied('cnaf', 'napoli', '77/b6/run42.root', bytes);
    expect(job.files[0]).toMatchObject({ file_state: 'FINISHED', reason: null });
    expect((await readFile(on('napoli', '77/b6/run42.root'))).equals(bytes)).toBe(true);
  });

  it('copies between all elements, both ways', async () => {
    for (const [from, to] of [
      ['napoli', 'cnaf'],
      ['cnaf', 'archive'],
      ['archive', 'napoli'],
    ] as const) {
      const job = await copied(from, to, `ways/${from}-${to}`, text(1000));
      expect([from, to, job.files[0]?.reason]).toEqual([from, to, null]);
    }
  });

  it('copies a file of no bytes, and one with spaces and Unicode in its name', async () => {
    expect((await copied('cnaf', 'napoli', 'odd/empty', Buffer.alloc(0))).files[0]?.reason).toBeNull();
    expect(
      (await copied('cnaf', 'napoli', 'odd/città di Napoli.root', text(100))).files[0]?.reason,
    ).toBeNull();
  });

  it('copies 2 GB of holes', { timeout: 300_000 }, async () => {
    await put('cnaf', 'big/holes', Buffer.from('x'));
    await truncate(on('cnaf', 'big/holes'), 2_000_000_000);
    const id = await submit(service, [
      await file('cnaf', 'napoli', 'big/holes', { filesize: 2_000_000_000 }),
    ]);
    const seen = await until(
      async () =>
        (await service.ask('GET', `/jobs/${id}/files`)).json as { transferred: number; file_state: string }[],
      ([one]) => (one?.transferred ?? 0) > 0,
      120_000,
    );
    expect(seen[0]?.transferred).toBeGreaterThan(0);
    const job = await ended(service, id, 250_000);
    expect(job.files[0]).toMatchObject({ file_state: 'FINISHED', reason: null });
    await truncate(on('napoli', 'big/holes'), 0);
    await truncate(on('cnaf', 'big/holes'), 0);
  });

  it('is about as fast as one COPY by hand', { timeout: 300_000 }, async () => {
    const size = 300_000_000;
    await put('cnaf', 'fast/source', Buffer.from('x'));
    await truncate(on('cnaf', 'fast/source'), size);
    const { source_tokens, destination_tokens } = await file('cnaf', 'napoli', 'fast/source');
    const seconds = async (work: () => Promise<unknown>): Promise<number> => {
      const began = performance.now();
      await work();
      return (performance.now() - began) / 1000;
    };
    const byHand = () =>
      world.web.ask('COPY', new URL(surl('napoli', 'fast/by-hand').replace('davs:', 'https:')), {
        headers: {
          authorization: `Bearer ${destination_tokens[0]}`,
          Source: surl('cnaf', 'fast/source').replace('davs:', 'https:'),
          TransferHeaderAuthorization: `Bearer ${source_tokens[0]}`,
          Credential: 'none',
          Overwrite: 'T',
        },
        patienceMs: 120_000,
      });
    const byService = async () => {
      const id = await submit(service, [await file('cnaf', 'napoli', 'fast/source', { filesize: size })]);
      expect((await ended(service, id, 200_000)).job_state).toBe('FINISHED');
    };
    await byService();
    const [hand, ours] = [await seconds(byHand), await seconds(byService)];
    console.log(
      `300 MB: by hand ${hand.toFixed(1)} s, by the service ${ours.toFixed(1)} s, ${(hand / ours).toFixed(2)} of its throughput`,
    );
    // the bench holds the figure (0.7) on a quiet machine; here others may work beside us
    expect(hand / ours).toBeGreaterThan(0.2);
    for (const name of ['fast/source', 'fast/by-hand']) await truncate(on('napoli', name), 0);
    await truncate(on('cnaf', 'fast/source'), 0);
  });

  it('tells a missing file, a corrupt source, a token without right, each in its words', async () => {
    const missing = await ended(service, await submit(service, [await file('cnaf', 'napoli', 'none/there')]));
    expect(missing.files[0]?.reason).toBe('SOURCE [2] SOURCE HTTP 404 : File not found');

    const corrupt = await copied(
      'cnaf',
      'napoli',
      'bad/corrupt',
      text(1000),
      {},
      { checksum: 'ADLER32:12345678' },
    );
    expect(corrupt.files[0]?.reason).toMatch(
      /^SOURCE CHECKSUM MISMATCH User-defined and source ADLER32 checksum do not match \(12345678 != [0-9a-f]{8}\)$/,
    );

    const weak = await lake.issuer.mint('rucio', {
      aud: lake.element('napoli').host,
      scope: 'storage.read:/',
    });
    const refused = await copied(
      'cnaf',
      'napoli',
      'bad/refused',
      text(1000),
      {},
      { destination_tokens: [weak] },
    );
    expect(refused.files[0]?.reason).toMatch(
      /^DESTINATION \[13\] MAKE_PARENT HTTP 403 : Permission refused$/,
    );

    const wrong = await lake.issuer.mint('rucio', { aud: 'somewhere.else', scope: 'storage.read:/' });
    const unread = await copied('cnaf', 'napoli', 'bad/unread', text(1000), {}, { source_tokens: [wrong] });
    expect(unread.files[0]?.reason).toMatch(/^SOURCE \[13\] SOURCE HTTP 403 : Permission refused$/);
  });

  it('overwrites where asked, and does not where not', async () => {
    await put('napoli', 'over/x', text(50));
    expect(
      (await copied('cnaf', 'napoli', 'over/x', text(2000), { overwrite: false })).files[0],
    ).toMatchObject({
      reason: 'DESTINATION [17] Destination file exists and overwrite is not enabled',
      file_metadata: { dst_file: { file_size: 50 } },
    });
    // XRootD keeps a checksum until the file's second of change is another: written twice in one, it tells the old one
    await new Promise((done) => setTimeout(done, 1100));
    const again = await copied('cnaf', 'napoli', 'over/x', text(3000));
    expect(again.files[0]).toMatchObject({ file_state: 'FINISHED', reason: null });
  });

  describe('interrupted', () => {
    /** big enough to be caught under way */
    async function bigFile(name: string): Promise<void> {
      await put('cnaf', name, Buffer.from('x'));
      await truncate(on('cnaf', name), 1_500_000_000);
    }
    async function underWay(by: Pick<RunningService, 'ask'>, name: string): Promise<string> {
      const id = await submit(by, [await file('cnaf', 'napoli', name, { filesize: 1_500_000_000 })]);
      await until(
        () => sizeOf(on('napoli', name)),
        (size) => size > 1_000_000,
        60_000,
      );
      return id;
    }

    it('canceled: XRootD ends its COPY and nothing stays', { timeout: 120_000 }, async () => {
      await bigFile('big/canceled');
      const id = await underWay(service, 'big/canceled');
      await service.ask('DELETE', `/jobs/${id}`);
      const job = await until(
        () => ended(service, id),
        ({ files }) => files[0]?.finish_time !== null,
        60_000,
      );
      expect(job.files[0]).toMatchObject({ file_state: 'CANCELED' });
      await until(
        () => sizeOf(on('napoli', 'big/canceled')),
        (size) => size === -1,
        30_000,
      );
    });

    it(
      'killed -9 in the middle of a COPY: taken up, and right in the end',
      { timeout: 240_000 },
      async () => {
        await bigFile('big/killed');
        const own = await settings();
        const first: Killable = await runService(world, own);
        const id = await underWay(first, 'big/killed');
        await first.kill();
        const second = await runService(world, own);
        try {
          const job = await ended(second, id, 200_000);
          expect(job.files[0]).toMatchObject({ file_state: 'FINISHED', reason: null });
          expect(await sizeOf(on('napoli', 'big/killed'))).toBe(1_500_000_000);
        } finally {
          await second.kill();
        }
      },
    );
  });
});

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return -1;
    throw error;
  }
}
