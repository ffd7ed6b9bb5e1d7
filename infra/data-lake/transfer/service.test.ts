/** The whole service against https elements: what Rucio asks, what may go wrong with elements, what a crash leaves. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { adlerOf, type Fault, type Peer } from './testing/peer.ts';
import { ended, fileFor, poll, submit, type Params, type Wanted } from './testing/rucio.ts';
import { createWorld, until, type RunningService, type World } from './testing/world.ts';

let world: World;
let cnaf: Peer;
let napoli: Peer;
let archive: Peer;
let service: RunningService;

beforeAll(async () => {
  world = await createWorld();
  [cnaf, napoli, archive] = [
    await world.peer('cnaf'),
    await world.peer('napoli'),
    await world.peer('archive'),
  ];
  service = await world.service(await world.settings([cnaf, napoli, archive]));
});
afterAll(() => world.close());
afterEach(() => {
  for (const peer of [cnaf, napoli, archive]) {
    peer.behave();
    peer.files.clear();
    peer.folders.clear();
    peer.folders.add('/rucio/');
    peer.asked.splice(0);
  }
});

const PATH = '/rucio/user/ada/77/b6/run42.root';
const BYTES = Buffer.from('muons and their tracks, '.repeat(500));

async function transfer(params: Params = {}, more: Partial<Wanted> = {}, by = service) {
  const wanted = { sources: [cnaf], destination: napoli, path: PATH, bytes: BYTES, ...more };
  for (const source of wanted.sources)
    if (!source.files.has(wanted.path)) source.files.set(wanted.path, BYTES);
  const id = await submit(by, [await fileFor(world, wanted)], params);
  return await ended(by, id);
}
const copies = (peer: Peer) => peer.asked.filter((one) => one.method === 'COPY');

describe('a transfer', () => {
  it('copies from element to element, folders made, checksums compared, told as Rucio reads it', async () => {
    const job = await transfer();
    expect(job).toMatchObject({ http_status: '200 Ok', job_state: 'FINISHED', job_type: 'N' });
    expect(job.job_metadata).toMatchObject({ issuer: 'rucio', multi_sources: false });
    const [file] = job.files;
    expect(file).toMatchObject({ file_state: 'FINISHED', reason: null, staging_start: null });
    expect(file?.start_time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
    expect(file?.finish_time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
    expect(file?.file_metadata).toMatchObject({ scope: 'user.ada', name: 'run42.root' });
    expect(napoli.files.get(PATH)?.equals(BYTES)).toBe(true);
    expect([...napoli.folders]).toEqual([
      '/rucio/',
      '/rucio/user/',
      '/rucio/user/ada/',
      '/rucio/user/ada/77/',
      '/rucio/user/ada/77/b6/',
    ]);
  });

  it('asks the destination to fetch with the source token, and sees no byte itself', async () => {
    await transfer();
    const [copy] = copies(napoli);
    expect(copy?.headers).toMatchObject({
      source: cnaf.surl(PATH).replace('davs:', 'https:'),
      credential: 'none',
      overwrite: 'T',
    });
    expect(copy?.headers.transferheaderauthorization).not.toBe(copy?.headers.authorization);
    // only the other element read the file
    expect(cnaf.asked.map((one) => one.method)).toEqual(['HEAD', 'GET']);
  });

  it('takes a file of no bytes', async () => {
    cnaf.files.set(PATH, Buffer.alloc(0));
    const job = await transfer({}, { bytes: Buffer.alloc(0) });
    expect(job.job_state).toBe('FINISHED');
    expect(napoli.files.get(PATH)?.length).toBe(0);
  });

  it('takes a name with spaces and Unicode', async () => {
    const path = '/rucio/user/ada/77/b6/città di Napoli.root';
    cnaf.files.set(encodeURI(path), BYTES);
    const job = await transfer({}, { path });
    expect(job.files[0]).toMatchObject({ file_state: 'FINISHED', dest_surl: napoli.surl(path) });
    expect(napoli.files.has(encodeURI(path))).toBe(true);
  });

  it('sends from the source where the destination cannot fetch', async () => {
    napoli.misbehave({ kind: 'no-copy' });
    const job = await transfer();
    expect(job.job_state).toBe('FINISHED');
    expect(copies(cnaf)[0]?.headers.destination).toBe(napoli.surl(PATH).replace('davs:', 'https:'));
    expect(napoli.files.get(PATH)?.equals(BYTES)).toBe(true);
  });

  it('overwrites where asked', async () => {
    napoli.folders.add('/rucio/user/ada/77/b6/');
    napoli.files.set(PATH, Buffer.from('old'));
    expect((await transfer({ overwrite: true })).job_state).toBe('FINISHED');
    expect(napoli.files.get(PATH)?.equals(BYTES)).toBe(true);
  });

  it('leaves what exists where overwriting is not asked, in the words and with the report that Rucio looks for', async () => {
    napoli.files.set(PATH, BYTES);
    const { files } = await transfer({ overwrite: false });
    expect(files[0]?.reason).toBe('DESTINATION [17] Destination file exists and overwrite is not enabled');
    expect(files[0]?.file_metadata['dst_file']).toEqual({
      file_size: BYTES.length,
      checksum_type: 'ADLER32',
      checksum_value: adlerOf(BYTES),
      file_on_tape: false,
    });
    expect(copies(napoli)).toEqual([]);
  });
});

describe('several sources', () => {
  const params = { job_metadata: { issuer: 'rucio', multi_sources: true } };
  it('uses the second where the first fails, and tells which one it was', async () => {
    archive.files.set(PATH, BYTES);
    cnaf.misbehave({ kind: 'status', method: 'HEAD', status: 404 });
    const job = await transfer(params, { sources: [cnaf, archive] });
    expect(job).toMatchObject({ job_state: 'FINISHED', job_type: 'R' });
    expect(job.files.map((file) => [file.source_surl, file.file_state])).toEqual([
      [cnaf.surl(PATH), 'FAILED'],
      [archive.surl(PATH), 'FINISHED'],
    ]);
  });
  it('leaves the second unused where the first serves', async () => {
    const job = await transfer(params, { sources: [cnaf, archive] });
    expect(job.files.map((file) => file.file_state)).toEqual(['FINISHED', 'NOT_USED']);
    expect(archive.asked).toEqual([]);
  });
  it('fails where none serves', async () => {
    for (const peer of [cnaf, archive]) peer.misbehave({ kind: 'status', method: 'HEAD', status: 404 });
    const job = await transfer(params, { sources: [cnaf, archive] });
    expect(job.job_state).toBe('FAILED');
    expect(job.files.map((file) => file.file_state)).toEqual(['FAILED', 'FAILED']);
  });
});

describe('jobs of many files and of hops', () => {
  async function manyFiles(params: Params) {
    const paths = ['a', 'b', 'c'].map((name) => `/rucio/user/ada/${name}.root`);
    for (const path of paths) cnaf.files.set(path, BYTES);
    cnaf.files.delete(paths[1] ?? '');
    const files = await Promise.all(
      paths.map((path) => fileFor(world, { sources: [cnaf], destination: napoli, path, bytes: BYTES })),
    );
    return ended(service, await submit(service, files, params));
  }
  it('is FINISHEDDIRTY where one file of three is missing', async () => {
    const job = await manyFiles({});
    expect(job.job_state).toBe('FINISHEDDIRTY');
    expect(job.files.map((file) => file.file_state)).toEqual(['FINISHED', 'FAILED', 'FINISHED']);
  });
  it('goes hop by hop, and not on after a hop that failed', async () => {
    cnaf.files.set(PATH, BYTES);
    const hops = [
      await fileFor(world, { sources: [cnaf], destination: napoli, path: PATH, bytes: BYTES }),
      await fileFor(world, { sources: [napoli], destination: archive, path: PATH, bytes: BYTES }),
    ];
    const job = await ended(service, await submit(service, hops, { multihop: true }));
    expect(job).toMatchObject({ job_state: 'FINISHED', job_type: 'H' });
    expect(archive.files.get(PATH)?.equals(BYTES)).toBe(true);

    cnaf.files.delete(PATH);
    const second = await ended(service, await submit(service, hops, { multihop: true }));
    expect(second.job_state).toBe('FAILED');
    expect(second.files.map((file) => file.file_state)).toEqual(['FAILED', 'NOT_USED']);
  });
});

describe('what elements do wrong', () => {
  const missing: readonly [string, Fault, 'source' | 'destination', RegExp][] = [
    [
      'a file that is not there',
      { kind: 'status', method: 'HEAD', status: 404 },
      'source',
      /^SOURCE \[2\] SOURCE HTTP 404 : File not found$/,
    ],
    [
      'a source that refuses the token',
      { kind: 'status', method: 'HEAD', status: 403 },
      'source',
      /^SOURCE \[13\] SOURCE HTTP 403 : Permission refused$/,
    ],
    [
      'a destination that refuses the token',
      { kind: 'status', method: 'COPY', status: 403 },
      'destination',
      /^TRANSFER \[13\] napoli\S+ COPY HTTP 403 : Permission refused$/,
    ],
    [
      'a folder that may not be made',
      { kind: 'status', method: 'MKCOL', status: 403 },
      'destination',
      /^DESTINATION \[13\] MAKE_PARENT HTTP 403 : Permission refused$/,
    ],
    [
      'a full element',
      { kind: 'status', method: 'COPY', status: 507 },
      'destination',
      /^TRANSFER \[28\] .*HTTP 507 : No space left on device$/,
    ],
    [
      'a full disk told in the stream',
      { kind: 'says-failure', text: 'No space left on device' },
      'destination',
      /^TRANSFER \[28\] napoli\S+: No space left on device$/,
    ],
    [
      'a source that the destination may not read',
      { kind: 'says-failure', text: 'Remote side failed with status code 403; error message: "denied"' },
      'destination',
      /^TRANSFER \[13\]/,
    ],
  ];
  it.each(missing)('tells %s at once, and does not try again', async (_name, fault, where, reason) => {
    (where === 'source' ? cnaf : napoli).misbehave(fault);
    const job = await transfer();
    expect(job.job_state).toBe('FAILED');
    expect(job.files[0]?.reason).toMatch(reason);
    expect(copies(napoli).length).toBeLessThanOrEqual(1);
    expect(napoli.files.has(PATH)).toBe(false);
  });

  const passing: readonly [string, Fault, 'source' | 'destination', RegExp][] = [
    [
      '503',
      { kind: 'status', method: 'HEAD', status: 503, body: 'later' },
      'source',
      /^SOURCE \[70\] SOURCE HTTP 503 : Service Unavailable$/,
    ],
    [
      '500 to a COPY',
      { kind: 'status', method: 'COPY', status: 500 },
      'destination',
      /^TRANSFER \[70\] .*HTTP 500/,
    ],
    ['an answer that is no HTTP', { kind: 'no-http', method: 'HEAD' }, 'source', /^SOURCE \[70\] .*not HTTP/],
    [
      'a web page instead of a file',
      { kind: 'html', method: 'HEAD' },
      'source',
      /^SOURCE \[70\] .*without a size$/,
    ],
    [
      'a web page instead of markers',
      { kind: 'html', method: 'COPY' },
      'destination',
      /^TRANSFER \[70\] .*garbage/,
    ],
    [
      'garbage instead of markers',
      { kind: 'garbage' },
      'destination',
      /^TRANSFER \[70\] .*garbage where markers belong/,
    ],
    [
      'half a stream of markers, then silence',
      { kind: 'half-stream' },
      'destination',
      /^TRANSFER \[110\] Operation timed out: no performance marker/,
    ],
    [
      'markers whose bytes stand still',
      { kind: 'standstill' },
      'destination',
      /^TRANSFER \[110\] Operation timed out: .*moved no byte/,
    ],
    [
      'a connection closed in the middle of the body',
      { kind: 'broken-off' },
      'destination',
      /^TRANSFER \[70\] .*broke off/,
    ],
    [
      'an answer without its end',
      { kind: 'no-ending' },
      'destination',
      /^TRANSFER \[70\] .*without saying how/,
    ],
    [
      'success with nothing stored',
      { kind: 'keeps-nothing' },
      'destination',
      /^DESTINATION \[2\] .*not there$/,
    ],
    [
      'other bytes than were sent',
      { kind: 'corrupts' },
      'destination',
      /^DESTINATION CHECKSUM MISMATCH User-defined and destination ADLER32 checksum do not match \([0-9a-f]{8} != [0-9a-f]{8}\)$/,
    ],
    [
      'no answer to a COPY at all',
      { kind: 'hang', method: 'COPY' },
      'destination',
      /^DESTINATION \[110\] Operation timed out/,
    ],
  ];
  it.each(passing)('tries again after %s, and arrives', async (_name, fault, where) => {
    (where === 'source' ? cnaf : napoli).misbehave(fault, 1);
    const job = await transfer();
    expect(job.files[0]).toMatchObject({ file_state: 'FINISHED', reason: null });
    expect(napoli.files.get(PATH)?.equals(BYTES)).toBe(true);
  });
  it.each(passing)(
    'gives up %s that stays, tells why, and leaves no half file',
    async (_name, fault, where, reason) => {
      (where === 'source' ? cnaf : napoli).misbehave(fault);
      const job = await transfer({ retry: 1 });
      expect(job.job_state).toBe('FAILED');
      expect(job.files[0]?.reason).toMatch(reason);
      expect(napoli.files.has(PATH)).toBe(false);
    },
  );

  it('tells an element that is off, in the words of lessons: DESTINATION [70] ECONNREFUSED', async () => {
    const gone = await world.peer('napoli');
    await gone.close();
    const own = await world.service(await world.settings([cnaf, gone]));
    const job = await transfer({}, { destination: gone }, own);
    expect(job.files[0]?.reason).toMatch(/^DESTINATION \[70\] ECONNREFUSED at napoli\.palestra\.test:\d+$/);
  });

  it('tells a certificate of another authority, and does not try again', async () => {
    // cnaf's server under napoli's name
    const other = { ...napoli, surl: (path: string) => `davs://napoli.palestra.test:${cnaf.port}${path}` };
    const own = await world.service({ ...(await world.settings([])), elements: [] });
    const job = await transfer({}, { destination: other }, own);
    expect(job.files[0]?.reason).toMatch(/^DESTINATION \[70\] ERR_TLS_CERT_ALTNAME_INVALID/);
  });

  it('compares the source before it copies: a corrupt source is not spread', async () => {
    cnaf.files.set(PATH, Buffer.from(BYTES).fill('x', 0, 8));
    const job = await transfer();
    expect(job.files[0]?.reason).toMatch(
      /^SOURCE CHECKSUM MISMATCH User-defined and source ADLER32 checksum do not match/,
    );
    expect(copies(napoli)).toEqual([]);
  });
  it('compares source and destination with each other where the submitter knows no checksum', async () => {
    napoli.misbehave({ kind: 'corrupts' });
    const job = await transfer({}, { checksum: null });
    expect(job.files[0]?.reason).toMatch(
      /^TRANSFER CHECKSUM MISMATCH Source and destination checksums do not match/,
    );
  });
  it.each([
    ['source', { verify_checksum: 'source' }, 'FINISHED'],
    ['none', { verify_checksum: 'none' }, 'FINISHED'],
    ['target', { verify_checksum: 'target' }, 'FAILED'],
  ])('compares as asked: %s', async (_name, params, state) => {
    napoli.misbehave({ kind: 'corrupts' });
    expect((await transfer({ ...params, retry: -1 })).job_state).toBe(state);
  });
  it('tells a source whose size is not the one that Rucio knows', async () => {
    const job = await transfer({}, { size: BYTES.length + 1 });
    expect(job.files[0]?.reason).toMatch(
      /^SOURCE \[22\] User-defined and source file sizes do not match \(12001 != 12000\)$/,
    );
  });
  it('tells a token that expired while the transfer waited, before it is sent anywhere', async () => {
    cnaf.files.set(PATH, BYTES);
    const file = await fileFor(world, { sources: [cnaf], destination: napoli, path: PATH, bytes: BYTES });
    const old = await world.issuer.mint('rucio', { exp: Math.floor(Date.now() / 1000) - 30 });
    const job = await ended(service, await submit(service, [{ ...file, source_tokens: [old] }]));
    expect(job.files[0]?.reason).toMatch(
      /^SOURCE \[13\] The token for cnaf\.palestra\.test expired \d+ s ago, while the transfer waited$/,
    );
    expect(cnaf.asked).toEqual([]);
  });
});

describe('cancel', () => {
  async function underWay(): Promise<string> {
    napoli.misbehave({ kind: 'slow', ms: 60 });
    cnaf.files.set(PATH, BYTES);
    const id = await submit(service, [
      await fileFor(world, { sources: [cnaf], destination: napoli, path: PATH, bytes: BYTES }),
    ]);
    await until(
      () => napoli.files.get(PATH)?.length ?? 0,
      (length) => length > 0,
    );
    return id;
  }
  it('ends a copy that runs: the element hears it, and the half file is removed', async () => {
    const id = await underWay();
    const answer = await service.ask('DELETE', `/jobs/${id}`);
    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject({ job_id: id, job_state: 'CANCELED' });
    await until(
      () => napoli.copying,
      (n) => n === 0,
    );
    await until(
      () => napoli.files.has(PATH),
      (there) => !there,
    );
    const job = await until(
      () => poll(service, id),
      ({ files }) => files[0]?.finish_time !== null,
    );
    expect(job.files[0]).toMatchObject({ file_state: 'CANCELED', reason: 'Job canceled by the user' });
  });
  it('ends what waits, and what has ended stays as it is', async () => {
    const job = await transfer();
    await service.ask('DELETE', `/jobs/${job.job_id}`);
    expect((await poll(service, job.job_id)).job_state).toBe('FINISHED');
  });
  it('shows how far a copy is while it runs', async () => {
    const id = await underWay();
    const seen = await until(
      async () =>
        (await service.ask('GET', `/jobs/${id}/files`)).json as { transferred: number; file_state: string }[],
      ([file]) => (file?.transferred ?? 0) > 0,
    );
    expect(seen[0]?.file_state).toBe('ACTIVE');
    await service.ask('DELETE', `/jobs/${id}`);
  });
});
