import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { edgeGround } from './testing/edge-ground.ts';
import type { EdgeGround } from './testing/edge-ground.ts';
import { agentWith, labOf } from './testing/two-learners.ts';

let ground: EdgeGround;
const home = new Map([
  ['analysis.py', 'print(1)\n'],
  ['a b/ü.txt', 'x'],
]);
const agent = agentWith(home);
beforeAll(async () => {
  ground = await edgeGround({ agent });
});
afterAll(() => ground[Symbol.asyncDispose]());
const ADA = `/api/labs/${labOf('ada')}`;

describe('the interface', () => {
  it('says who is here, also where nobody is', async () => {
    expect((await ground.ask('/api/session')).json).toMatchObject({
      me: null,
      kits: [{ name: 'base' }],
      version: '0.1.0',
    });
    expect((await ground.ask('/api/session', { as: 'ada' })).json).toMatchObject({
      me: { login: 'ada', roles: ['learner'] },
    });
  });
  it('lists courses with how far one is, and what one may take', async () => {
    const lesson = { id: 'first', title: 'First', minutes: 10, steps: 3 };
    expect((await ground.ask('/api/courses', { as: 'ada' })).json).toEqual([
      { id: 'dask', title: 'Dask', entitled: true, lessons: [{ ...lesson, done: 2 }] },
      { id: 'closed', title: 'Dask', entitled: false, lessons: [{ ...lesson, done: 2 }] },
    ]);
    expect((await ground.ask('/api/courses')).json).toMatchObject([
      { entitled: false, lessons: [{ done: 0 }] },
      {},
    ]);
    expect((await ground.ask('/api/courses/dask/progress', { as: 'ada' })).json).toMatchObject({
      course: 'dask',
      facts: {},
    });
  });
  it('starts, shows, pauses, resumes and ends a lab', async () => {
    const start = await ground.ask('/api/labs', {
      as: 'ada',
      method: 'POST',
      body: { course: 'dask', lesson: 'first' },
    });
    expect(start).toMatchObject({ status: 200, json: { id: labOf('ada'), state: 'ready' } });
    expect((await ground.ask('/api/labs', { as: 'ada' })).json).toMatchObject([{ id: labOf('ada') }]);
    for (const [path, method] of [
      ['', 'GET'],
      ['/pause', 'POST'],
      ['/resume', 'POST'],
      ['', 'DELETE'],
    ] as const) {
      expect(await ground.ask(ADA + path, { as: 'ada', method })).toMatchObject({
        status: 200,
        json: { id: labOf('ada') },
      });
    }
  });
  it('gives tickets, terminals and previews', async () => {
    const ticket = await ground.ask(`${ADA}/tickets`, { as: 'ada', method: 'POST', body: { terminal: '1' } });
    expect(ticket.json).toMatchObject({ ticket: expect.stringMatching(/^[\w-]{43}$/) as string });
    expect((await ground.ask(`${ADA}/terminals`, { as: 'ada' })).json).toMatchObject([
      { name: '1', prompt: { state: 'idle' } },
    ]);
    expect(await ground.ask(`${ADA}/terminals/1`, { as: 'ada', method: 'DELETE' })).toMatchObject({
      status: 204,
      body: '',
    });
    const preview = await ground.ask(`${ADA}/previews`, { as: 'ada', method: 'POST', body: { port: 8787 } });
    expect(preview.json).toMatchObject({
      url: expect.stringMatching(
        /^http:\/\/8787-[a-z2-7]{20}\.localhost:\d+\/\.palestra\/open\?ticket=/,
      ) as string,
    });
  });
  it('does what a step asks, and says busy with what', async () => {
    const step = `${ADA}/steps/first/one`;
    const post = (action: string, body?: object) =>
      ground.ask(`${step}/${action}`, { as: 'ada', method: 'POST', ...(body === undefined ? {} : { body }) });
    expect((await post('run', { action: 'run-1', terminal: 'watch' })).json).toEqual({
      terminal: 'watch',
      offset: 7,
    });
    expect(await post('run', { action: 'busy' })).toMatchObject({
      status: 409,
      json: { code: 'busy', details: { terminal: '1', command: 'watch' } },
    });
    for (const action of ['check', 'reset'])
      expect((await post(action)).json).toMatchObject({ step: 'one', state: 'done' });
    expect((await post('acted', { action: 'edit-1' })).json).toMatchObject({ step: 'one' });
    expect((await post('answer', { question: 'question-1', text: '42' })).json).toEqual({
      right: true,
      why: 'because',
    });
    expect((await ground.ask(`${step}/solution`, { as: 'ada' })).json).toEqual({
      solutions: [{ lang: 'bash', code: 'true' }],
    });
  });
  it('wants a sign-in for all of a lab, in a sentence', async () => {
    expect(await ground.ask('/api/labs')).toMatchObject({ status: 401, json: { code: 'not-signed-in' } });
  });
  it('has no caching and no sniffing of its answers', async () => {
    const { headers } = await ground.ask('/api/session');
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'SAMEORIGIN',
    });
  });
});

describe('what an API server of Kubernetes asks', () => {
  it('finding 12: is told the issuer as tokens say it, without a session', async () => {
    const { status, json, headers } = await ground.ask('/cluster/.well-known/openid-configuration');
    expect([status, json]).toEqual([
      200,
      {
        issuer: 'https://iam.example.org',
        jwks_uri: 'https://iam.example.org/jwk',
        id_token_signing_alg_values_supported: ['RS256'],
      },
    ]);
    expect(headers['content-type']).toContain('application/json');
  });
});

describe('what does not fit is a 400 that names the place', () => {
  it.each([
    ['POST', '/api/labs', { course: '../etc', lesson: 'x' }, 'course'],
    ['POST', '/api/labs', {}, 'course'],
    ['GET', '/api/labs/NOT-AN-ID', undefined, 'lab'],
    ['POST', `${ADA}/tickets`, { terminal: 'a/b' }, 'terminal'],
    ['POST', `${ADA}/steps/First/one/check`, undefined, 'lesson'],
  ])('%s %s %j', async (method, path, body, where) => {
    const answer = await ground.ask(path, { as: 'ada', method, ...(body === undefined ? {} : { body }) });
    expect(answer).toMatchObject({ status: 400, json: { code: 'bad-request' } });
    expect(answer.body).toContain(where);
  });
  it.each(['80@evil', '127.0.0.1:22', 65536, 22, 1023, '8787', 80.5, null])(
    'T37 preview port %j',
    async (port) => {
      expect(
        await ground.ask(`${ADA}/previews`, { as: 'ada', method: 'POST', body: { port } }),
      ).toMatchObject({ status: 400 });
    },
  );
  it('a body that is no JSON, of another kind, or too large', async () => {
    const post = (body: string, headers = {}) =>
      ground.ask('/api/labs', { as: 'ada', method: 'POST', body, headers });
    expect((await post('{')).status).toBe(400);
    expect((await post('a=b', { 'content-type': 'application/x-www-form-urlencoded' })).status).toBe(415);
    expect((await post(JSON.stringify({ course: 'x'.repeat(300_000) }))).status).toBe(413);
    expect((await post('{"__proto__":{"x":1},"course":"dask","lesson":"first"}')).status).toBe(400);
  });
  it('a method nobody knows here', async () => {
    expect((await ground.ask('/api/labs', { as: 'ada', method: 'PATCH' })).status).toBe(404);
    expect((await ground.ask('/api/nothing', { as: 'ada' })).json).toMatchObject({ code: 'not-found' });
  });
});

describe('files', () => {
  const content = (path: string) => `${ADA}/files/content?path=${path}`;
  it('come as attachments that no browser runs', async () => {
    const answer = await ground.ask(content('a%20b/%C3%BC.txt'), { as: 'ada' });
    expect(answer).toMatchObject({ status: 200, body: 'x' });
    expect(answer.headers).toMatchObject({
      etag: '"e1"',
      'content-length': '1',
      'content-type': 'application/octet-stream',
      'x-palestra-kind': 'text',
      'content-disposition': "attachment; filename*=UTF-8''%C3%BC.txt",
      'content-security-policy': "sandbox; default-src 'none'",
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    });
    expect(await ground.ask(content('nothing'), { as: 'ada' })).toMatchObject({
      status: 404,
      json: { message: 'There is no nothing.' },
    });
  });
  it('are written as they are, whatever their kind, 3 MB or empty', async () => {
    const put = (body: string | undefined, headers: Record<string, string>) =>
      ground.ask(content('out'), {
        as: 'ada',
        method: 'PUT',
        headers,
        ...(body === undefined ? {} : { body }),
      });
    expect(await put('{"a":1}', { 'if-match': '"e1"' })).toMatchObject({
      status: 200,
      json: { etag: '"e2"' },
    });
    expect(agent.written.at(-1)).toEqual({ path: 'out', text: '{"a":1}', precondition: { ifMatch: '"e1"' } });
    const large = 'x'.repeat(3_000_000);
    expect(
      (await put(large, { 'if-none-match': '*', 'content-type': 'application/x-www-form-urlencoded' }))
        .status,
    ).toBe(200);
    expect(agent.written.at(-1)).toEqual({ path: 'out', text: large, precondition: { ifNoneMatch: '*' } });
    expect((await put(undefined, { 'if-none-match': '*' })).status).toBe(200);
    expect(agent.written.at(-1)?.text).toBe('');
  });
  it('are not overwritten unseen, nor larger than the bound', async () => {
    const put = (headers: Record<string, string>) =>
      ground.ask(content('out'), { as: 'ada', method: 'PUT', body: 'x', headers });
    expect(await put({})).toMatchObject({ status: 400, json: { code: 'bad-request' } });
    expect((await put({ 'if-none-match': '"e1"' })).status).toBe(400);
  });
  it('an upload that says it is over the bound is refused before it begins', async () => {
    const written = agent.written.length;
    const answer = await ground
      .ask(content('out'), {
        as: 'ada',
        method: 'PUT',
        headers: { 'if-none-match': '*', 'content-length': String(1024 ** 3 + 1) },
      })
      .catch(() => null);
    expect(answer?.status ?? 413).toBe(413);
    expect(agent.written.length).toBe(written);
  });
  it('are listed, made, moved, removed', async () => {
    expect((await ground.ask(`${ADA}/files/tree`, { as: 'ada' })).json).toEqual({
      path: '',
      entries: [],
      more: false,
    });
    expect((await ground.ask(`${ADA}/files/folder?path=new`, { as: 'ada', method: 'POST' })).status).toBe(
      201,
    );
    expect(
      (await ground.ask(`${ADA}/files/move`, { as: 'ada', method: 'POST', body: { from: 'a', to: 'b' } }))
        .status,
    ).toBe(204);
    expect((await ground.ask(`${ADA}/files?path=a`, { as: 'ada', method: 'DELETE' })).status).toBe(204);
    expect((await ground.ask(`${ADA}/files?path=`, { as: 'ada', method: 'DELETE' })).status).toBe(400);
  });
  it.each([
    '../etc/passwd',
    '%2e%2e/x',
    '%2E%2E%2Fx',
    '..%5cx',
    'a%00b',
    '/etc/passwd',
    'a/../../b',
    'a//b',
    './a',
    'a%5cb',
    'x'.repeat(1100),
  ])('T31 path %s is a 400 for every verb', async (path) => {
    for (const [route, method, body] of [
      [`files/tree?path=${path}`, 'GET'],
      [`files/content?path=${path}`, 'GET'],
      [`files/content?path=${path}`, 'PUT', 'x'],
      [`files/folder?path=${path}`, 'POST'],
      [`files?path=${path}`, 'DELETE'],
      ['files/move', 'POST', { from: decodeURIComponent(path), to: 'x' }],
      ['files/move', 'POST', { from: 'x', to: decodeURIComponent(path) }],
    ] as const) {
      const headers = method === 'PUT' ? { 'if-none-match': '*' } : {};
      const answer = await ground.ask(`${ADA}/${route}`, {
        as: 'ada',
        method,
        headers,
        ...(body === undefined ? {} : { body }),
      });
      expect([route, answer.status]).toEqual([route, 400]);
    }
  });
  it('T31 a path named twice is a 400', async () => {
    expect((await ground.ask(`${ADA}/files/content?path=a&path=..`, { as: 'ada' })).status).toBe(400);
  });
});

describe('T29 every route × another’s id', () => {
  const bodyFor = (url: string): object | undefined => {
    if (url.endsWith('/tickets')) return { terminal: '1' };
    if (url.endsWith('/previews')) return { port: 8787 };
    if (url.endsWith('/move')) return { from: 'a', to: 'b' };
    if (url.endsWith('/run') || url.endsWith('/acted')) return { action: 'run-1' };
    if (url.endsWith('/cell')) return { action: 'cell-1', do: 'run' };
    return url.endsWith('/answer') ? { question: 'q', text: '1' } : undefined;
  };
  it('is a 404 with one and the same body, as for an id of nobody’s', async () => {
    const routes = ground.edge.routes.filter(({ url, method }) => url.includes(':lab') && method !== 'HEAD');
    expect(routes.length).toBeGreaterThanOrEqual(20);
    const bodies = new Set<string>();
    for (const { method, url } of routes) {
      for (const id of [labOf('bob'), 'z'.repeat(20)]) {
        const path = url
          .replace(':lab', id)
          .replace(':lesson', 'first')
          .replace(':step', 'one')
          .replace(':name', '1');
        const query = url.includes('/files') && !url.endsWith('/move') ? '?path=a' : '';
        const body = bodyFor(url);
        const answer = await ground.ask(path + query, {
          as: 'ada',
          method,
          headers: { 'if-none-match': '*' },
          ...(body === undefined ? {} : { body }),
        });
        expect([method, url, answer.status]).toEqual([method, url, 404]);
        bodies.add(answer.body);
      }
    }
    expect(bodies.size).toBe(1);
  });
  it('and a 401 without a session, before anything is said of the lab', async () => {
    for (const { method, url } of ground.edge.routes.filter(({ url }) => url.includes(':lab'))) {
      const path = url
        .replace(':lab', labOf('bob'))
        .replace(':lesson', 'first')
        .replace(':step', 'one')
        .replace(':name', '1');
      const body = bodyFor(url);
      const answer = await ground.ask(`${path}?path=a`, {
        method,
        headers: { 'if-none-match': '*' },
        ...(body === undefined ? {} : { body }),
      });
      expect([method, url, answer.status]).toEqual([method, url, 401]);
    }
  });
});

describe('T13 requests another site made a browser send', () => {
  it('are a 403 on every route that changes something', async () => {
    const changing = ground.edge.routes.filter(
      ({ method, url }) => !['GET', 'HEAD', 'OPTIONS'].includes(method) && !url.includes('docs'),
    );
    expect(changing.length).toBeGreaterThanOrEqual(15);
    for (const { method, url } of changing) {
      const path = url
        .replace(':lab', labOf('ada'))
        .replace(':lesson', 'first')
        .replace(':step', 'one')
        .replace(':name', '1');
      for (const headers of [
        { 'sec-fetch-site': 'cross-site' },
        { 'sec-fetch-site': 'same-site' },
        { 'x-palestra': '0' },
      ]) {
        const answer = await ground.ask(path, { as: 'ada', method, headers });
        expect([method, url, answer.status, answer.json]).toMatchObject([
          method,
          url,
          403,
          { code: 'cross-site' },
        ]);
      }
    }
  });
});

describe('the OpenAPI document', () => {
  it('knows every route of the interface, and describes what it takes and gives', async () => {
    const { json } = await ground.ask('/api/docs/json');
    const document = json as {
      openapi: string;
      paths: Record<string, Record<string, { responses: object }>>;
    };
    expect(document.openapi).toBe('3.1.0');
    for (const { method, url } of ground.edge.routes) {
      if (method === 'HEAD' || url.startsWith('/api/docs') || url === '/*' || url === '*') continue;
      expect(
        document.paths[url.replace(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()],
        `${method} ${url}`,
      ).toBeDefined();
    }
    expect(JSON.stringify(document.paths['/api/labs']?.['post'])).toContain('prepare');
    expect(document.paths['/api/labs/{lab}']?.['get']?.responses).toHaveProperty('4XX');
  });
  it('is read on a page that loads nothing from elsewhere', async () => {
    const page = await ground.ask('/api/docs/', { headers: { 'sec-fetch-site': 'none' } });
    expect(page.status).toBe(200);
    expect(page.body).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
    expect(page.headers['content-security-policy']).toContain("script-src 'self'");
    expect((await ground.ask('/api/docs/static/swagger-ui-bundle.js')).status).toBe(200);
  });
});
