/** How calls to an API server are made: against an https server of the test's own, which answers as it is told. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connectCluster, waitAfter, type Cluster } from './cluster.ts';
import { ClusterRefusal, ClusterSilence, problemOf } from './refusal.ts';

interface Asked {
  readonly line: string;
  readonly type: string | undefined;
  readonly authorization: string | undefined;
  readonly body: unknown;
}
type Answer = { status: number; body?: unknown; text?: string; headers?: Record<string, string> } | 'silence';
const asked: Asked[] = [];
let answers: Answer[] = [];
let server: Server;
let cluster: Cluster;
let kubeConfig: KubeConfig;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'palestra-api-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const words =
    'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=api -addext subjectAltName=IP:127.0.0.1';
  execFileSync('openssl', [...words.split(' '), '-keyout', key, '-out', cert], { stdio: 'ignore' });
  server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (req, res) => {
    void bodyOf(req).then((body) => {
      const { authorization, 'content-type': type } = req.headers;
      asked.push({ line: `${req.method ?? ''} ${req.url ?? ''}`, type, authorization, body });
      const answer = answers.shift() ?? { status: 200, body: { metadata: { name: 'x' } } };
      if (answer === 'silence') return;
      res.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
      res.end(answer.text ?? JSON.stringify(answer.body ?? {}));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  kubeConfig = new KubeConfig();
  kubeConfig.loadFromOptions({
    clusters: [
      {
        name: 'c',
        server: `https://127.0.0.1:${String(port)}`,
        caData: readFileSync(cert).toString('base64'),
      },
    ],
    users: [{ name: 'u', token: 'canary-token' }],
    contexts: [{ name: 'c', cluster: 'c', user: 'u' }],
    currentContext: 'c',
  });
  cluster = await connectCluster({ kubeConfig });
});
afterEach(() => {
  asked.length = 0;
  answers = [];
});
afterAll(async () => {
  cluster.close();
  await new Promise((done) => {
    server.close(done);
    server.closeAllConnections();
  });
  rmSync(folder, { recursive: true });
});

async function bodyOf(req: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of req as AsyncIterable<Buffer>) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  return text === '' ? undefined : (JSON.parse(text) as unknown);
}
const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a', namespace: 'n' } } as const;

describe('calls to the API server', () => {
  it('apply objects as they are, as the field manager palestra, with this server’s token', async () => {
    await cluster.apply(secret);
    expect(asked).toEqual([
      {
        line: 'PATCH /api/v1/namespaces/n/secrets/a?fieldManager=palestra&force=true',
        type: 'application/apply-patch+yaml',
        authorization: 'Bearer canary-token',
        body: secret,
      },
    ]);
  });
  it('read lists to their end, page by page', async () => {
    const item = (name: string) => ({ metadata: { name } });
    answers = [
      { status: 200, body: { metadata: { continue: 'next' }, items: [item('a'), item('b')] } },
      { status: 200, body: { metadata: {}, items: [item('c')] } },
    ];
    const found = await cluster.list('Secret', { namespace: 'n', labels: 'x=y' });
    expect(found.map(({ metadata }) => metadata.name)).toEqual(['a', 'b', 'c']);
    expect(asked[1]?.line).toContain('continue=next');
  });
  it('answer null and false for what is not there', async () => {
    answers = [{ status: 404 }, { status: 404 }];
    expect(await cluster.get({ kind: 'Namespace', name: 'a' })).toBeNull();
    expect(await cluster.remove({ kind: 'Namespace', name: 'a' })).toBe(false);
  });
  it('T51 names with slashes stay names: nobody reaches another path by one', async () => {
    await cluster.get({ kind: 'Secret', namespace: '../kube-system', name: 'a/token' });
    expect(asked[0]?.line).toBe('GET /api/v1/namespaces/..%2Fkube-system/secrets/a%2Ftoken');
  });
  it('F10 try again a few times where the server is busy, and not where it said no', async () => {
    answers = [
      { status: 429, headers: { 'retry-after': '0' } },
      { status: 500, text: '<html>' },
      { status: 200, body: secret },
    ];
    expect(await cluster.apply(secret)).toMatchObject({ metadata: { name: 'a' } });
    expect(asked).toHaveLength(3);
    answers = [{ status: 403, body: { reason: 'Forbidden', message: 'no' } }];
    await expect(cluster.apply(secret)).rejects.toMatchObject({
      status: 403,
      reason: 'Forbidden',
      message: 'no',
    });
    expect(asked).toHaveLength(4);
  });
  it('F8 F10 are bounded: four tries of an answer that never comes, then unavailable', async () => {
    answers = ['silence', 'silence', 'silence', 'silence', { status: 200 }];
    const hasty = await connectCluster({ kubeConfig, timeout: 1000 });
    const failed = await hasty.get({ kind: 'Namespace', name: 'a' }).catch((error: unknown) => error);
    hasty.close();
    expect(failed).toBeInstanceOf(ClusterSilence);
    expect(asked).toHaveLength(4);
    expect(problemOf(failed)).toMatchObject({ code: 'unavailable' });
  });
  it('do not repeat what makes something new: a token is asked for once', async () => {
    answers = [{ status: 503 }];
    const ref = { kind: 'ServiceAccount', namespace: 'n', name: 'learner', sub: 'token' } as const;
    await expect(cluster.post(ref, {})).rejects.toMatchObject({ status: 503 });
    expect(asked.map(({ line }) => line)).toEqual([
      'POST /api/v1/namespaces/n/serviceaccounts/learner/token',
    ]);
  });
});

describe('what is said of a refusal', () => {
  it('is a sentence for the learner, with the API server’s own words in the details', () => {
    const problem = problemOf(new ClusterRefusal(403, { reason: 'Forbidden', message: 'not so' }));
    expect(problem).toMatchObject({ code: 'internal', details: { status: 403, said: 'not so' } });
    expect(problemOf(new ClusterRefusal(503, {}))).toMatchObject({ code: 'unavailable' });
    expect(() => problemOf(new TypeError('a mistake of ours'))).toThrow('a mistake of ours');
  });
  it('F10 waits as long as it was told, within reason', () => {
    expect(waitAfter(new ClusterRefusal(429, {}, 3), 1)).toBe(3000);
    expect(waitAfter(new ClusterRefusal(429, {}, 3600), 1)).toBe(5000);
    expect([1, 2, 3].map((n) => waitAfter(new ClusterSilence('x'), n))).toEqual([250, 500, 1000]);
    expect(waitAfter(new ClusterRefusal(409, {}), 1)).toBeNull();
    expect(waitAfter(new TypeError('x'), 1)).toBeNull();
  });
});
