/** What a learner does, by the real client and by REST: upload, look, rule, download, metadata, dataset, quota. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { missing, openWorld, type Learner, type World } from './world.ts';
import { until } from '../until.ts';

const lacks = missing();
if (lacks !== null) console.warn(`skipped: ${lacks}`);

describe.skipIf(lacks !== null)('a learner in the data lake', () => {
  let world: World;
  let learner: Learner;
  const N = Date.now().toString(36);
  const FILE = `run-${N}.root`;
  const DATASET = `ds.birales-${N}`;

  beforeAll(async () => {
    world = await openWorld();
    await world.up();
    learner = await world.learner('galileo');
  });
  afterAll(() => world.leave());

  /** Runs the client and gives what it said, its exit status having been 0. */
  async function said(...words: string[]): Promise<string> {
    const { code, out } = await learner.rucio(...words);
    expect([code, out]).toEqual([0, out]);
    return out;
  }
  const did = (name = FILE) => `${learner.scope}:${name}`;
  const rulesOf = (name: string) => learner.rows('GET', `/dids/${learner.scope}/${name}/rules`);
  const replicas = async (name: string) => {
    const [found] = await learner.rows('POST', '/replicas/list', { dids: [{ scope: learner.scope, name }] });
    return found?.['states'] as Record<string, string>;
  };

  it('is somebody: version, ping, whoami, elements, an empty quota', async () => {
    expect(await said('--version')).toContain('rucio 41.5.1');
    expect(await said('ping')).toContain('41.5.1');
    expect(await said('whoami')).toMatch(/account\s*: galileo/);
    expect((await said('rse', 'list')).trim().split('\n').sort()).toEqual([
      'ARCHIVE_USERDISK',
      'CNAF_USERDISK',
      'NAPOLI_USERDISK',
    ]);
    expect(await said('account', 'limit', 'list', 'galileo')).toMatch(
      /CNAF_USERDISK\s+\|[^|]+\|\s+50.000 MB/,
    );
    expect((await said('rse', 'attribute', 'list', 'ARCHIVE_USERDISK')).replaceAll(/\s+/g, ' ')).toContain(
      'nature: tape',
    );
  });

  it('uploads a file, whose checksum Rucio has', async () => {
    await learner.shell(`head -c 2000000 /dev/urandom > ${FILE}`);
    expect(await said('upload', '--rse', 'CNAF_USERDISK', '--scope', learner.scope, FILE)).toContain(
      `Successfully uploaded file ${FILE}`,
    );
    const sum = (await learner.shell(`xrdadler32 ${FILE}`)).out.split(' ')[0];
    const [meta] = await learner.rows('GET', `/dids/${learner.scope}/${FILE}/meta`);
    expect(meta).toMatchObject({ adler32: sum, bytes: 2_000_000, account: 'galileo' });
    expect(await replicas(FILE)).toEqual({ CNAF_USERDISK: 'AVAILABLE' });
    expect((await rulesOf(FILE))[0]).toMatchObject({ state: 'OK', rse_expression: 'CNAF_USERDISK' });
  });

  it('sees it: did show, replica list, rule list', async () => {
    expect(await said('did', 'show', did())).toMatch(/type:\s+FILE/);
    expect(await said('replica', 'list', 'file', did())).toContain(
      `davs://cnaf.palestra.test:${world.place.port + 11}/rucio/user/galileo/`,
    );
    expect(await said('rule', 'list', '--did', did())).toMatch(/OK\[1\/0\/0\]/);
    expect(await said('did', 'list', '--filter', 'type==all', `${learner.scope}:*`)).toContain(did());
  });

  it('adds a rule, which turns OK: a real third-party copy to the other element', async () => {
    const rule = (await said('rule', 'add', '--copies', '1', '--rses', 'NAPOLI_USERDISK', did())).trim();
    await until(
      async () => (await learner.rows('GET', `/rules/${rule}`))[0]?.['state'],
      (state) => state === 'OK',
    );
    expect(await replicas(FILE)).toEqual({ CNAF_USERDISK: 'AVAILABLE', NAPOLI_USERDISK: 'AVAILABLE' });
    expect(await said('rule', 'show', rule)).toMatch(/State:\s+OK/);
    expect((await said('replica', 'list', 'file', '--pfns', did())).trim().split('\n')).toHaveLength(2);
  });

  it('downloads it from there, the same bytes', async () => {
    await said('download', '--rses', 'NAPOLI_USERDISK', '--dir', 'dl', did());
    expect(await learner.shell(`cmp ${FILE} dl/${learner.scope}/${FILE} && echo identical`)).toEqual({
      code: 0,
      out: 'identical\n',
    });
  });

  it('describes it, and finds it by what it said', async () => {
    await said('did', 'metadata', 'set', '--key', 'campaign', '--value', 'icsc-lab', did());
    await said('did', 'metadata', 'set', '--key', 'detector', '--value', 'birales', did());
    expect(await said('did', 'metadata', 'list', '--plugin', 'JSON', did())).toMatch(/detector:\s+birales/);
    expect(await said('did', 'metadata', 'list', did())).toMatch(/campaign:\s+icsc-lab/);
    expect(await said('did', 'list', '--filter', 'detector==birales', `${learner.scope}:*`)).toContain(FILE);
    // trap 24: keys of one's own and columns of Rucio are of two plugins
    const mixed = await learner.rucio(
      'did',
      'list',
      '--filter',
      'type==all,detector==birales',
      `${learner.scope}:*`,
    );
    expect(mixed.out).toContain('do not all belong to the same metadata plugin');
  });

  it('puts it into a dataset with a rule over two elements that ends by itself', async () => {
    await said('did', 'add', '--type', 'dataset', did(DATASET));
    await said('did', 'content', 'add', '--to-did', did(DATASET), did());
    expect(await said('did', 'content', 'list', did(DATASET))).toContain(did());
    await said(
      ...[
        'rule',
        'add',
        '--copies',
        '2',
        '--rses',
        'CNAF_USERDISK|NAPOLI_USERDISK',
        '--lifetime',
        '3600',
        did(DATASET),
      ],
    );
    await until(
      () => rulesOf(DATASET),
      (rules) => rules.length === 1 && rules[0]?.['state'] === 'OK' && rules[0]['expires_at'] !== null,
    );
    expect(await said('rule', 'list', '--account', 'galileo')).toContain('OK[2/0/0]');
  });

  it('has used what it stored, on each element', async () => {
    const usage = await until(
      () => learner.rows('GET', '/accounts/galileo/usage/local'),
      (rows) => rows.filter((row) => Number(row['bytes']) >= 2_000_000).length >= 2,
    );
    expect(usage.find((row) => row['rse'] === 'CNAF_USERDISK')).toMatchObject({ bytes_limit: 50_000_000 });
  });

  it('is refused what does not fit, what no element can hold, and expressions that mean nothing', async () => {
    const rule = (expression: string, copies: number) =>
      learner.rest('POST', '/rules/', {
        dids: [{ scope: learner.scope, name: FILE }],
        account: 'galileo',
        copies,
        rse_expression: expression,
      });
    const refused = async (answer: ReturnType<typeof rule>) =>
      (JSON.parse((await answer).body) as { ExceptionClass: string }).ExceptionClass;
    expect(await refused(rule('nature=disk', 3))).toBe('InsufficientTargetRSEs');
    expect(await refused(rule('site=BARI', 1))).toBe('InvalidRSEExpression');
    await learner.shell(`head -c 51000000 /dev/zero > big-${N}.dat`);
    const { out } = await learner.rucio(
      'upload',
      '--rse',
      'CNAF_USERDISK',
      '--scope',
      learner.scope,
      `big-${N}.dat`,
    );
    expect(out).toContain("insufficient quota on any of the target RSE's");
  });

  it('removes it: hours are let pass, and files are gone from both elements', async () => {
    const path = new URL(String(Object.keys((await found(FILE))['pfns'] as object)[0])).pathname.replace(
      /^\/rucio/,
      '',
    );
    expect((await learner.element('cnaf', path, { method: 'HEAD' })).status).toBe(200);
    await said('did', 'remove', did(DATASET));
    await said('did', 'remove', did());
    const forward = await world.lake('verb', 'forward', '--user', 'galileo', 'hours=25');
    expect(forward.lines.at(-1)).toMatchObject({ files: 2, said: expect.stringContaining('25 h') as string });
    await until(
      async () => (await learner.rest('GET', `/dids/${learner.scope}/${FILE}`)).status,
      (status) => status === 404,
    );
    for (const element of ['cnaf', 'napoli'])
      await until(
        async () => (await learner.element(element, path, { method: 'HEAD' })).status,
        (status) => status === 404,
      );
  });

  async function found(name: string): Promise<Record<string, unknown>> {
    const [replica] = await learner.rows('POST', '/replicas/list', {
      dids: [{ scope: learner.scope, name }],
    });
    return replica ?? {};
  }
});
