/** One learner against another's data: every row of what Rucio and the elements must refuse, and the few they allow. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { missing, openWorld, type Learner, type World } from './world.ts';

const lacks = missing();
if (lacks !== null) console.warn(`skipped: ${lacks}`);

const N = Date.now().toString(36);
const FILE = `mine-${N}.dat`;
const DATASET = `ds-${N}`;

describe.skipIf(lacks !== null)("another learner's data", () => {
  let world: World;
  let owner: Learner;
  let other: Learner;
  let rule: string;
  let path: string;

  beforeAll(async () => {
    world = await openWorld();
    await world.up();
    owner = await world.learner('lagrange');
    other = await world.learner('fibonacci');
    await owner.shell(`head -c 3000 /dev/urandom > ${FILE}`);
    const { out } = await owner.rucio('upload', '--rse', 'CNAF_USERDISK', '--scope', owner.scope, FILE);
    expect(out).toContain('Successfully uploaded');
    await owner.rows('POST', `/dids/${owner.scope}/${DATASET}`, { type: 'DATASET' });
    rule = String((await owner.rows('GET', `/dids/${owner.scope}/${FILE}/rules`))[0]?.['id']);
    const [replica] = await owner.rows('POST', '/replicas/list', {
      dids: [{ scope: owner.scope, name: FILE }],
    });
    path = new URL(String(Object.keys(replica?.['pfns'] as object)[0])).pathname.replace(/^\/rucio/, '');
  });
  afterAll(() => world.leave());

  const theirs = () => ({ scope: owner.scope, name: FILE });
  const file = (state: string) => ({ rse: 'CNAF_USERDISK', files: [{ ...theirs(), state }] });
  const did = () => `/dids/${owner.scope}/${FILE}`;
  const member = (name: string) => ({ scope: owner.scope, name, bytes: 1, adler32: '00010001' });

  interface Row {
    readonly does: string;
    readonly asks: () => [method: string, path: string, body?: unknown];
  }
  const REFUSED: readonly Row[] = [
    { does: 'removes the file', asks: () => ['POST', `${did()}/meta/lifetime`, { value: 1 }] },
    { does: 'removes the rule', asks: () => ['DELETE', `/rules/${rule}`, {}] },
    { does: 'shortens the rule', asks: () => ['PUT', `/rules/${rule}`, { options: { lifetime: 10 } }] },
    { does: 'locks the rule', asks: () => ['PUT', `/rules/${rule}`, { options: { locked: true } }] },
    { does: 'takes the rule', asks: () => ['PUT', `/rules/${rule}`, { options: { account: 'fibonacci' } }] },
    {
      does: 'moves the rule',
      asks: () => ['POST', `/rules/${rule}/move`, { rule_id: rule, rse_expression: 'NAPOLI_USERDISK' }],
    },
    {
      does: 'reduces the rule',
      asks: () => ['POST', `/rules/${rule}/reduce`, { copies: 1, exclude_expression: null }],
    },
    { does: 'describes the file', asks: () => ['POST', `${did()}/meta/colour`, { value: 'red' }] },
    {
      does: 'describes the file through the IDL plugin',
      asks: () => ['POST', `${did()}/meta`, { meta: { COLOUR: 'red' } }],
    },
    {
      does: 'adds a dataset to the scope',
      asks: () => ['POST', `/dids/${owner.scope}/stolen`, { type: 'DATASET' }],
    },
    {
      does: 'puts something into the dataset',
      asks: () => ['POST', `/dids/${owner.scope}/${DATASET}/dids`, { dids: [theirs()] }],
    },
    {
      does: 'takes something out of the dataset',
      asks: () => ['DELETE', `/dids/${owner.scope}/${DATASET}/dids`, { dids: [theirs()] }],
    },
    {
      does: 'closes the dataset',
      asks: () => ['PUT', `/dids/${owner.scope}/${DATASET}/status`, { open: false }],
    },
    {
      does: 'registers a copy of the file',
      asks: () => ['POST', '/replicas', { rse: 'NAPOLI_USERDISK', files: [member(FILE)] }],
    },
    {
      does: 'registers a file in the scope',
      asks: () => ['POST', '/replicas', { rse: 'CNAF_USERDISK', files: [member('new')] }],
    },
    { does: 'makes the copy unavailable', asks: () => ['PUT', '/replicas', file('U')] },
    { does: 'says that the copy has arrived', asks: () => ['PUT', '/replicas', file('A')] },
    {
      does: 'deletes the copy',
      asks: () => ['DELETE', '/replicas', { rse: 'CNAF_USERDISK', files: [theirs()] }],
    },
    {
      does: 'declares the copy bad',
      asks: () => [
        'POST',
        '/replicas/bad',
        { replicas: [{ ...theirs(), rse: 'CNAF_USERDISK' }], reason: 'x' },
      ],
    },
    {
      does: 'declares the copy suspicious',
      asks: () => [
        'POST',
        '/replicas/suspicious',
        {
          pfns: [`davs://${world.place.elements[0]?.host}:${world.place.elements[0]?.port}/rucio${path}`],
          reason: 'x',
        },
      ],
    },
    {
      does: 'makes a replica of it through a dataset of their own',
      asks: () => [
        'POST',
        `/dids/${other.scope}/own-${N}/dids`,
        { rse: 'NAPOLI_USERDISK', dids: [member(FILE)] },
      ],
    },
    {
      does: 'makes a file in the scope through a dataset of their own',
      asks: () => ['POST', `/dids/${other.scope}/own-${N}/dids`, { dids: [member('squatted')] }],
    },
    {
      does: 'makes a replica through many attachments at once',
      asks: () => [
        'POST',
        '/dids/attachments',
        {
          attachments: [
            { scope: other.scope, name: `own-${N}`, rse: 'NAPOLI_USERDISK', dids: [member(FILE)] },
          ],
        },
      ],
    },
    {
      does: 'makes a replica with a new dataset',
      asks: () => [
        'POST',
        `/dids/${other.scope}/new-${N}`,
        { type: 'DATASET', rse: 'NAPOLI_USERDISK', dids: [member(FILE)] },
      ],
    },
    {
      does: 'adds a rule that the other one pays for',
      asks: () => [
        'POST',
        '/rules/',
        { dids: [theirs()], account: owner.user, copies: 1, rse_expression: 'NAPOLI_USERDISK' },
      ],
    },
    {
      does: 'raises their own quota',
      asks: () => ['POST', '/accountlimits/local/fibonacci/CNAF_USERDISK', { bytes: 10 ** 12 }],
    },
    { does: 'adds a scope', asks: () => ['POST', '/accounts/fibonacci/scopes/user.fake'] },
    { does: "takes the other's scope", asks: () => ['POST', `/accounts/fibonacci/scopes/${owner.scope}`] },
    { does: 'adds an element', asks: () => ['POST', '/rses/EVIL_USERDISK', {}] },
    {
      does: 'sends transfers elsewhere',
      asks: () => ['POST', '/rses/CNAF_USERDISK/attr/fts', { value: 'https://evil.test' }],
    },
    {
      does: 'becomes an administrator',
      asks: () => ['POST', '/accounts/fibonacci/attr/admin', { key: 'admin', value: 'true' }],
    },
    {
      does: "takes the other's identity",
      asks: () => [
        'POST',
        '/accounts/fibonacci/identities',
        {
          identity: `SUB=${owner.subject}, ISS=${world.place.issuer}`,
          authtype: 'OIDC',
          email: 'x@y.test',
          default: true,
        },
      ],
    },
    {
      does: 'keeps a password for later',
      asks: () => [
        'POST',
        '/accounts/fibonacci/identities',
        { identity: 'f', authtype: 'USERPASS', email: 'x@y.test', password: 'long-enough-1', default: false },
      ],
    },
    { does: 'removes the account', asks: () => ['DELETE', `/accounts/${owner.user}`] },
    { does: 'changes configuration', asks: () => ['POST', '/config', { conveyor: { scheme: 'http' } }] },
  ];

  beforeAll(async () => {
    await other.rows('POST', `/dids/${other.scope}/own-${N}`, { type: 'DATASET' });
  });

  it.each(REFUSED)('Rucio answers 403 to who $does', async ({ asks }) => {
    const answer = await other.rest(...asks());
    expect([answer.status, answer.headers['exceptionclass'], answer.body]).toEqual([
      403,
      'AccessDenied',
      answer.body,
    ]);
  });

  it('and nothing has changed', async () => {
    const [now] = await owner.rows('GET', `/rules/${rule}`);
    expect(now).toMatchObject({ state: 'OK', account: owner.user, locked: false, expires_at: null });
    const replicas = await owner.rows('POST', '/replicas/list', { dids: [theirs()], all_states: true });
    expect(replicas[0]?.['states']).toEqual({ CNAF_USERDISK: 'AVAILABLE' });
    expect(await owner.rows('GET', `/dids/${owner.scope}/${DATASET}/dids`)).toEqual([]);
    for (const name of ['stolen', 'squatted', 'new'])
      expect((await owner.rest('GET', `/dids/${owner.scope}/${name}`)).status).toBe(404);
  });

  it('the element answers 403 to who deletes, overwrites or moves the copy', async () => {
    expect((await other.element('cnaf', path, { method: 'DELETE' })).status).toBe(403);
    expect((await other.element('cnaf', path, { method: 'PUT', body: 'x' })).status).toBe(403);
    const headers = {
      Destination: `https://${world.place.elements[0]?.host}:${world.place.elements[0]?.port}/rucio/user/fibonacci/x`,
    };
    expect((await other.element('cnaf', path, { method: 'MOVE', headers })).status).toBe(403);
    expect((await owner.element('cnaf', path, { method: 'HEAD' })).status).toBe(200);
  });

  it('may be read, kept by a rule of one’s own, and put into a dataset of one’s own', async () => {
    const [kept] = await other.rows('POST', '/rules/', {
      dids: [theirs()],
      account: other.user,
      copies: 1,
      rse_expression: 'CNAF_USERDISK',
    });
    expect(kept).toHaveLength(1);
    expect(
      (await other.rest('POST', `/dids/${other.scope}/own-${N}/dids`, { dids: [theirs()] })).status,
    ).toBe(201);
    expect((await other.element('cnaf', path)).status).toBe(200);
    expect(
      (await other.rest('DELETE', `/rules/${String((kept as unknown as string[])[0])}`, {})).status,
    ).toBe(200);
  });

  it('the client shows the refusal, and starts no login', async () => {
    const { out } = await other.rucio('rule', 'remove', rule);
    expect(out).toContain('Access to the requested resource denied');
    expect(out).not.toContain('browser');
  });

  it('the owner may do all of it: change and remove the rule, and remove the file', async () => {
    expect(
      (await owner.rest('PUT', `/rules/${rule}`, { options: { lifetime: 3600, locked: false } })).status,
    ).toBe(200);
    expect((await owner.rest('PUT', `/rules/${rule}`, { options: { locked: true } })).status).toBe(403);
    expect((await owner.rest('DELETE', `/rules/${rule}`, {})).status).toBe(200);
    expect((await owner.rest('POST', `${did()}/meta/lifetime`, { value: 86_400 })).status).toBe(201);
  });
});
