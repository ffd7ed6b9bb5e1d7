/** The rest of FTS3's interface: who may ask, bulk answers, priorities, bans; and what never leaves. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Peer } from '../testing/peer.ts';
import { ended, fileFor, paramsFor, poll, submit, type SeenJob } from '../testing/rucio.ts';
import { createWorld, until, type RunningService, type World } from '../testing/world.ts';
import type { Settings } from '../settings.ts';
import { jobFrom, Submission, uuid5 } from '../jobs/submission.ts';

let world: World;
let cnaf: Peer;
let napoli: Peer;
let settings: Settings;
let service: RunningService;

beforeAll(async () => {
  world = await createWorld();
  [cnaf, napoli] = [await world.peer('cnaf'), await world.peer('napoli')];
  settings = await world.settings([cnaf, napoli]);
  service = await world.service(settings);
});
afterAll(() => world.close());

const BYTES = Buffer.from('tracks');
let count = 0;
async function oneFile(): Promise<Record<string, unknown>> {
  count += 1;
  const path = `/rucio/user/ada/file${count}.root`;
  cnaf.files.set(path, BYTES);
  return await fileFor(world, { sources: [cnaf], destination: napoli, path, bytes: BYTES });
}

async function arrives(id: string): Promise<void> {
  const { files } = await ended(service, id);
  expect(files[0]).toMatchObject({ file_state: 'FINISHED', reason: null });
}

describe('who may ask', () => {
  const soon = () => Math.floor(Date.now() / 1000);
  const bad: readonly [string, Record<string, unknown>, number, RegExp][] = [
    ['an expired token', { exp: soon() - 60 }, 401, /it has expired/],
    [
      'a token for another audience',
      { aud: 'rucio' },
      401,
      /not for this service \(audience fts or fts\.palestra\.test/,
    ],
    ['a token of another issuer', { iss: 'https://evil.test/' }, 401, /its iss does not fit/],
    ['a token that is not yet good', { nbf: soon() + 600 }, 401, /its nbf does not fit/],
    ['a token without end', { exp: undefined }, 401, /its exp does not fit/],
    ['a token without the scope fts', { scope: 'openid storage.read:/' }, 403, /lacks the scope fts/],
    ['a scope that only begins so', { scope: 'fts2 ftsx' }, 403, /lacks the scope fts/],
  ];
  it.each(bad)('refuses %s', async (_name, change, status, message) => {
    const answer = await service.ask('GET', '/whoami', { token: await world.token(change) });
    expect(answer.status).toBe(status);
    expect((answer.json as { message: string }).message).toMatch(message);
  });
  it('refuses a learner, who has a good token for Rucio and the elements', async () => {
    const answer = await service.ask('POST', '/jobs', { token: await world.issuer.mint('ada'), body: {} });
    expect(answer.status).toBe(401);
  });
  it('refuses a foreign signature, an unsigned token, rubbish, and none', async () => {
    const [head, body = ''] = (await world.token()).split('.');
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${body}.`;
    for (const token of [await world.issuer.forge('rucio'), none, `${head}.${body}.AAAA`, 'rubbish'])
      expect((await service.ask('GET', '/whoami', { token })).status).toBe(401);
    expect((await service.ask('GET', '/whoami', { token: null })).status).toBe(401);
  });
  it('takes the issuer with and without its last slash, and any of its audiences', async () => {
    const iss = world.place.issuer.replace(/\/$/, '');
    for (const change of [{ iss }, { aud: 'fts' }, { aud: ['x', world.place.fts.host] }])
      expect((await service.ask('GET', '/whoami', { token: await world.token(change) })).status).toBe(200);
  });
  it('guards every route but the page, its files, its figures', async () => {
    for (const [method, path] of [
      ['GET', '/jobs'],
      ['POST', '/jobs'],
      ['PUT', '/jobs'],
      ['GET', '/jobs/x'],
      ['GET', '/jobs/x/files'],
      ['DELETE', '/jobs/x'],
      ['POST', '/jobs/x'],
      ['GET', '/ban/se'],
      ['POST', '/ban/se'],
      ['DELETE', '/ban/se'],
      ['GET', '/config/se'],
      ['POST', '/config/se'],
    ] as const)
      expect([path, (await service.ask(method, path, { token: null })).status]).toEqual([path, 401]);
    for (const path of ['/', '/queue.json', '/metrics', '/queue.js', '/queue.css'])
      expect([path, (await service.ask('GET', path, { token: null })).status]).toEqual([path, 200]);
  });
  it('says 503 while the issuer is off, and goes on when it is back', async () => {
    const own = await world.service({
      ...(await world.settings([cnaf])),
      issuer: 'https://cnaf.palestra.test:1/',
    });
    const answer = await own.ask('GET', '/whoami');
    expect(answer.status).toBe(503);
    expect(answer.json).toMatchObject({ status: '503 Service Unavailable' });
    await own.close();
  });
  it("keeps a submitter's jobs from another submitter", async () => {
    const id = await submit(service, [await oneFile()]);
    const token = await world.token({ sub: 'somebody-else' });
    expect((await service.ask('GET', `/jobs/${id}`, { token })).status).toBe(404);
    expect((await service.ask('GET', `/jobs/${id}/files`, { token })).status).toBe(404);
    expect((await service.ask('DELETE', `/jobs/${id}`, { token })).status).toBe(404);
    expect(
      (await service.ask('POST', `/jobs/${id}`, { token, body: { params: { priority: 1 } } })).status,
    ).toBe(404);
    expect((await service.ask('GET', '/jobs', { token })).json).toEqual([]);
    await arrives(id);
  });
});

describe('what Rucio asks', () => {
  it('whoami: what its deterministic ids are made of', async () => {
    const who = (await service.ask('GET', '/whoami')).json as {
      base_id: string;
      vos: string[];
      user_dn: string;
    };
    expect(who).toMatchObject({ user_dn: 'rucio', method: 'oauth2' });
    const sid = 'request-1';
    const expected = uuid5(uuid5(who.base_id, who.vos[0] ?? ''), sid);
    const params = { id_generator: 'deterministic', sid };
    expect(await submit(service, [await oneFile()], params)).toBe(expected);
    const again = await service.ask('POST', '/jobs', {
      body: { files: [await oneFile()], params: paramsFor(params) },
    });
    expect(again.status).toBe(409);
  });
  it('several jobs at once: 207, with the lost one named', async () => {
    const [one, two] = [await submit(service, [await oneFile()]), await submit(service, [await oneFile()])];
    await ended(service, one);
    await ended(service, two);
    const answer = await service.ask('GET', `/jobs/${one},${two},lost?files=file_state,reason`);
    expect(answer.status).toBe(207);
    expect(answer.json).toMatchObject([
      { job_id: one, http_status: '200 Ok', files: [{ file_state: 'FINISHED', reason: null }] },
      { job_id: two, http_status: '200 Ok' },
      { job_id: 'lost', http_status: '404 Not Found' },
    ]);
  });
  it('one job that is lost: 404 with a list, which Rucio reads as lost and submits again', async () => {
    const answer = await service.ask('GET', '/jobs/lost?files=file_state');
    expect(answer.status).toBe(404);
    expect(answer.json).toMatchObject([{ job_id: 'lost', http_status: '404 Not Found' }]);
  });
  it('200 jobs in one question', async () => {
    const ids = Array.from(
      { length: 200 },
      (_, n) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
    );
    const answer = await service.ask('GET', `/jobs/${ids.join(',')}?files=file_state`);
    expect(answer.status).toBe(207);
    expect(answer.json).toHaveLength(200);
  });
  it('a priority', async () => {
    const id = await submit(service, [await oneFile()]);
    const answer = await service.ask('POST', `/jobs/${id}`, { body: { params: { priority: 5 } } });
    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject({ job_id: id, priority: 5 });
  });
  it('its version, and a page for browsers at the same address', async () => {
    const version = await service.ask('GET', '/', { token: null, headers: { accept: '*/*' } });
    expect(version.json).toMatchObject({ api: { major: 3 }, delegation: { major: 1 } });
    const page = await service.ask('GET', '/', {
      token: null,
      headers: { accept: 'text/html,application/xhtml+xml' },
    });
    expect(page.headers['content-type']).toMatch(/^text\/html/);
    expect(page.headers['content-security-policy']).toMatch(/default-src 'none'; script-src 'self'/);
  });
  it('the settings of elements', async () => {
    const body = { [napoli.surl('')]: { operations: {}, se_info: { inbound_max_active: 3 } } };
    expect((await service.ask('POST', '/config/se', { body })).status).toBe(200);
    const view = (await service.ask('GET', '/config/se')).json as Record<string, { se_info: unknown }>;
    expect(view[napoli.surl('')]?.se_info).toEqual({ inbound_max_active: 3, outbound_max_active: null });
  });
});

describe('a ban', () => {
  it('fails what waits for the element, and lifting it lets transfers through', async () => {
    const storage = napoli.host;
    const answer = await service.ask('POST', '/ban/se', {
      body: { storage, message: 'power cut', status: 'CANCEL' },
    });
    expect(answer.status).toBe(200);
    expect((await service.ask('GET', '/ban/se')).json).toMatchObject({
      [storage]: { status: 'CANCEL', message: 'power cut' },
    });
    const job = await ended(service, await submit(service, [await oneFile()]));
    expect(job.files[0]?.reason).toBe(`${napoli.element} is banned: power cut`);
    expect((await service.ask('DELETE', `/ban/se?storage=${storage}`, { body: { storage } })).status).toBe(
      204,
    );
    await arrives(await submit(service, [await oneFile()]));
  });
  it('with WAIT holds it back until the ban ends', async () => {
    const storage = napoli.host;
    await service.ask('POST', '/ban/se', {
      body: { storage, message: 'service', status: 'WAIT', timeout: 60 },
    });
    const id = await submit(service, [await oneFile()]);
    expect((await poll(service, id)).job_state).toBe('SUBMITTED');
    await service.ask('DELETE', `/ban/se?storage=${storage}`);
    await arrives(id);
  });
});

describe('bad input', () => {
  it.each([
    ['no JSON', 'x', /no JSON/],
    ['no files', { files: [] }, /files/],
    [
      'a file without destination',
      { files: [{ sources: ['davs://h/x'], destinations: [] }] },
      /destinations/,
    ],
  ])('is refused with a sentence: %s', async (_name, body, message) => {
    const answer = await service.ask(
      'POST',
      '/jobs',
      typeof body === 'string' ? { headers: { 'content-type': 'application/json' } } : { body },
    );
    expect(answer.status).toBe(400);
    expect((answer.json as { message: string }).message).toMatch(message);
  });
  it.each([
    '../../etc/passwd',
    '%2e%2e/x',
    'a/%2E%2E/b',
    './x',
    'x\u0000',
    'a%2fb',
    'x?authz=1',
    'x#y',
    'folder/',
  ])('T31 refuses a path with %j', async (path) => {
    const file = { ...(await oneFile()), destinations: [napoli.surl(`/rucio/user/ada/${path}`)] };
    expect((await service.ask('POST', '/jobs', { body: { files: [file], params: {} } })).status).toBe(400);
  });
  it.each([
    'davs://evil.test:443/x',
    'https://127.0.0.1:22/x',
    'file:///etc/passwd',
    'http://cnaf.palestra.test/x',
    'davs://u:p@h/x',
  ])('does not ask an address that is no element: %s', async (source) => {
    const answer = await service.ask('POST', '/jobs', {
      body: { files: [{ ...(await oneFile()), sources: [source] }], params: {} },
    });
    expect(answer.status).toBe(400);
  });
  it('refuses a body beyond its limit', async () => {
    const answer = await service
      .ask('POST', '/jobs', { body: { files: [], params: { sid: 'x'.repeat(17_000_000) } } })
      .catch((error: NodeJS.ErrnoException) => ({
        status: error.code === 'ECONNRESET' || error.code === 'EPIPE' ? 413 : 0,
      }));
    expect(answer.status).toBe(413);
  });
});

describe('T57 tokens', () => {
  it('stand in no log, no answer, no page, and not in the database as they are; gone from it when a file is over', async () => {
    napoli.misbehave({ kind: 'echo-token' }, 1);
    const file = await oneFile();
    const { source_tokens, destination_tokens } = file as {
      source_tokens: string[];
      destination_tokens: string[];
    };
    const own = await world.token();
    const id = await submit(service, [file]);
    const job = await ended(service, id);
    expect(job.files[0]?.reason).toMatch(/refused \[redacted\]|HTTP 418/);
    await service.ask('POST', '/jobs', {
      body: { files: [{ ...file, sources: source_tokens }], params: {} },
    });

    const answers: string[] = [world.logged()];
    for (const path of [
      `/jobs/${id}`,
      `/jobs/${id}/files`,
      `/jobs/${id}?files=source_token,destination_token,source_tokens`,
      '/jobs',
      '/queue.json',
      '/metrics',
      '/',
    ])
      answers.push((await service.ask('GET', path, { token: own })).body);
    const everything = answers.join('\n');
    for (const token of [...source_tokens, ...destination_tokens, own]) {
      // the middle part is the claims, the last one the signature: neither may stand anywhere
      for (const part of token.split('.').slice(1)) expect(everything.includes(part)).toBe(false);
    }
    expect(everything).not.toMatch(/eyJ[\w-]{10,}\.eyJ/);
    for (const name of readdirSync(settings.state)) {
      const bytes = readFileSync(join(settings.state, name), 'latin1');
      for (const token of [...source_tokens, ...destination_tokens])
        expect(bytes.includes(token.slice(-60))).toBe(false);
      expect(statSync(join(settings.state, name)).mode & 0o077).toBe(0);
    }
  });
});

describe('a queue of 2,000 jobs', () => {
  it('answers and goes on as with one', { timeout: 90_000 }, async () => {
    const { queue } = service.service;
    await service.ask('POST', '/ban/se', {
      body: { storage: napoli.host, message: 'later', status: 'WAIT' },
    });
    const file = await oneFile();
    const ids: string[] = [];
    for (let n = 0; n < 2000; n += 1) {
      const body = { files: [file], params: paramsFor({ account: `learner${n % 28}` }) };
      const job = jobFrom(Submission.parse(body), { by: 'rucio', at: Date.now(), elements: [] });
      await queue.submit(job);
      ids.push(job.id);
    }
    const timed = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
      const began = performance.now();
      const done = await work();
      console.log(`with 2,000 jobs waiting, ${what}: ${(performance.now() - began).toFixed(0)} ms`);
      return done;
    };
    const jobs = await timed('200 jobs polled', async () => {
      const answer = await service.ask('GET', `/jobs/${ids.slice(0, 200).join(',')}?files=file_state,reason`);
      return answer.json as SeenJob[];
    });
    expect(jobs.every((job) => job.job_state === 'SUBMITTED')).toBe(true);
    const page = await timed('the page', () => service.ask('GET', '/queue.json', { token: null }));
    expect(page.json).toMatchObject({ waiting: 2000, active: 0 });

    // another link does not feel it: also not while the 2,000 set out
    const path = '/rucio/user/ada/other.root';
    napoli.files.set(path, BYTES);
    cnaf.folders.add('/rucio/user/ada/');
    const other = await fileFor(world, { sources: [napoli], destination: cnaf, path, bytes: BYTES });
    await service.ask('DELETE', `/ban/se?storage=${napoli.host}`);
    const done = await timed('a transfer on another link', async () =>
      ended(service, await submit(service, [other], { account: 'bob' })),
    );
    expect(done.job_state).toBe('FINISHED');
    for (let at = 0; at < ids.length; at += 500)
      await service.ask('DELETE', `/jobs/${ids.slice(at, at + 500).join(',')}`);
    await until(
      () => queue.waiting.size,
      (n) => n === 0,
    );
  });
});
