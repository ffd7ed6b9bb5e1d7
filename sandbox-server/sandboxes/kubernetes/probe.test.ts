/** What doctor says of a cluster: from answers as an API server gives them. */
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DriverSettings } from '../../contract/driver.ts';
import { probeKubernetes } from './probe.ts';

const LABEL = 'pod-security.kubernetes.io/enforce';
let server: Server;
let folder = '';
let answers: Record<string, unknown> = {};

beforeEach(async () => {
  answers = {
    '/version': { gitVersion: 'v1.34.4' },
    selfsubjectaccessreviews: { status: { allowed: true } },
    '/namespaces/labs': { metadata: { labels: { [LABEL]: 'restricted' } } },
    networkpolicies: { items: [{ spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] } }] },
  };
  server = createServer((request, response) => {
    const found = Object.entries(answers).find(([end]) => request.url?.endsWith(end) === true);
    response.writeHead(found === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(found?.[1] ?? { kind: 'Status', code: 404, reason: 'NotFound' }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  folder = await mkdtemp(join(tmpdir(), 'palestra-probe-'));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await writeFile(join(folder, 'kubeconfig'), kubeconfig(url));
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true });
});

const kubeconfig = (url: string): string =>
  JSON.stringify({
    'current-context': 'one',
    clusters: [{ name: 'one', cluster: { server: url, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'one', user: {} }],
    contexts: [{ name: 'one', context: { cluster: 'one', user: 'one' } }],
  });
async function probed(more: object = {}) {
  const settings = DriverSettings.parse({
    kind: 'kubernetes',
    kubeconfig: join(folder, 'kubeconfig'),
    namespace: 'labs',
    ...more,
  });
  if (settings.kind !== 'kubernetes') throw new TypeError('not a cluster');
  return Object.fromEntries((await probeKubernetes(settings)).map((one) => [one.name, one]));
}

describe('doctor on a cluster', () => {
  it('names version and address, rights, and what holds', async () => {
    const said = await probed();
    expect(said['cluster']?.found).toMatch(/^Kubernetes v1\.34\.4 at http:\/\/127\.0\.0\.1:\d+$/);
    expect(Object.values(said).map(({ ok }) => ok)).toEqual([true, true, true, true]);
  });

  it('names the rights that are missing, and a namespace that is not bounded', async () => {
    answers['selfsubjectaccessreviews'] = { status: { allowed: false } };
    answers['/namespaces/labs'] = { metadata: {} };
    answers['networkpolicies'] = { items: [] };
    const said = await probed();
    expect(said['rights on the cluster']).toMatchObject({ ok: false, need: 'needed' });
    expect(said['rights on the cluster']?.found).toContain('create pods');
    expect(said['restricted pods']?.todo).toBe(`kubectl label namespace labs ${LABEL}=restricted`);
    expect(said['network policies']?.found).toBe('0 in labs, not both ways');
  });

  it('says that the namespace is missing', async () => {
    delete answers['/namespaces/labs'];
    expect((await probed())['restricted pods']).toMatchObject({
      need: 'needed',
      found: 'there is no namespace labs',
    });
  });

  it('a context that nobody knows is a finding, not a crash', async () => {
    const said = await probed({ context: 'other' });
    expect(Object.keys(said)).toEqual(['cluster']);
    expect(said['cluster']?.found).toBe('The kubeconfig has no context "other".');
    expect(said['cluster']?.todo).toContain('driver.context');
  });
});
