import { execFile } from 'node:child_process';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { ClusterNeed, NamespaceSettings } from '../../contract/namespace.ts';
import { grantsOf } from '../../identity/groups.ts';
import { accessFor } from '../access.ts';
import { yamlOf } from '../yaml.ts';
import { ownerOf } from './account.ts';
import { boundsOf, labObjects, wholePlan } from './plan.ts';
import { kubeconfig, tokenRequest } from './token.ts';

const settings = NamespaceSettings.parse({
  openings: {
    'data-lake': [{ namespace: 'lake', labels: { app: 'rucio' }, ports: [{ port: 31447 }] }],
    internet: [{ cidr: '0.0.0.0/0', ports: [{ port: 443 }] }],
  },
});
const ada = { id: 'abcdefghijklmnopqrst', login: 'ada' };
const Run = z.object({
  users: z.array(
    z.object({ user: z.object({ exec: z.object({ command: z.string(), args: z.array(z.string()) }) }) }),
  ),
});
const lab = 'l'.repeat(20);
const api = [{ address: '10.98.1.2', port: 6443 }];
const at = { preparedAt: Date.parse('2026-11-24T18:00:00Z') };

function plan(need: object, groups: Parameters<typeof grantsOf>[0] = []) {
  const access = accessFor(ClusterNeed.parse(need), grantsOf(groups), settings);
  return wholePlan('palestra-u-0044322908c7', ada, lab, access, at, api, settings);
}

describe('what is made for a learner', () => {
  it('for a lesson with Dask is this, to the letter', async () => {
    await expect(yamlOf(plan({ roles: ['dask'] }))).toMatchFileSnapshot('golden/dask.yaml');
  });
  it('for a lesson that opens much, of a person with grants, is this', async () => {
    const groups = [
      { roles: [], labs: 1, sizes: ['large'], gpu: 2, sites: ['recas', 'leonardo'], quota: { pods: 80 } },
    ];
    const objects = plan(
      { roles: ['dask', 'jobs'], size: 'large', opens: ['data-lake', 'internet'] },
      groups,
    );
    await expect(yamlOf(objects)).toMatchFileSnapshot('golden/everything.yaml');
  });
  it('lets the Dask operator in where there is one and the lesson names the role dask, at HTTP alone', async () => {
    const withOperator = { ...settings, daskOperator: true };
    const made = (roles: readonly string[]) =>
      labObjects('n', lab, { roles, opens: [] }, ownerOf({ name: 'x', uid: 'u' }), api, withOperator).filter(
        ({ metadata }) => metadata.name.endsWith('dask-operator'),
      );
    expect(made(['jobs'])).toEqual([]);
    await expect(yamlOf(made(['dask']))).toMatchFileSnapshot('golden/dask-operator.yaml');
  });
  it('is closed before anything could run: default deny is the first of the bounds', () => {
    const [first] = boundsOf('n', settings.sizes['small'] ?? never(), settings);
    expect(first).toMatchObject({ metadata: { name: 'default-deny' }, spec: { podSelector: {} } });
  });
  it('finding 11: every rule across namespaces pins the namespace by the name that nobody can write', () => {
    const peers = plan({ roles: ['dask'], opens: ['data-lake'] })
      .flatMap((o) => (o.kind === 'NetworkPolicy' ? [o.spec ?? {}] : []))
      .flatMap(({ ingress = [], egress = [] }) => [
        ...ingress.flatMap((rule) => rule.from ?? []),
        ...egress.flatMap((rule) => rule.to ?? []),
      ]);
    const across = peers.filter((peer) => peer.namespaceSelector !== undefined);
    expect(across.length).toBeGreaterThan(3);
    for (const { namespaceSelector } of across)
      expect(Object.keys(namespaceSelector?.matchLabels ?? {})).toEqual(['kubernetes.io/metadata.name']);
    expect(peers.filter((peer) => Object.keys(peer).length === 0)).toEqual([]);
  });
  it('finding 11: never opens node ports or load balancers', () => {
    const quota = plan({}).find((o) => o.kind === 'ResourceQuota');
    expect(quota?.spec?.hard).toMatchObject({ 'services.nodeports': '0', 'services.loadbalancers': '0' });
  });
  it('finding 5: a token is bound to the lab’s Secret, for the API server alone, at least 600 s', () => {
    const owner = { apiVersion: 'v1', kind: 'Secret', name: 'palestra-lab-x', uid: 'u' };
    expect(tokenRequest(owner, 60).spec).toEqual({
      audiences: [],
      expirationSeconds: 600,
      boundObjectRef: owner,
    });
  });
  it('what a kubeconfig runs prints the file’s token as a credential', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'palestra-token-'));
    const file = join(folder.path, 'kubernetes');
    await writeFile(file, 'eyJh.eyJp.c2ln');
    const config = kubeconfig('n', { url: 'https://10.98.1.2:6443', ca: 'PEM' }, file);
    const [command = '', ...args] = Run.parse(parse(config)).users.flatMap(({ user: { exec } }) => [
      exec.command,
      ...exec.args,
    ]);
    const { stdout } = await promisify(execFile)(command, args);
    expect(JSON.parse(stdout)).toMatchObject({
      kind: 'ExecCredential',
      status: { token: 'eyJh.eyJp.c2ln' },
    });
  });
  it('a kubeconfig holds no token but the name of its file', () => {
    const server = { url: 'https://10.98.1.2:6443', ca: 'PEM' };
    const file = '/run/palestra/tokens/kubernetes';
    const config = parse(kubeconfig('palestra-u-1', server, file)) as object;
    const apiVersion = 'client.authentication.k8s.io/v1beta1';
    const args = ['-c', expect.stringContaining('cat "$0"'), file];
    const exec = { apiVersion, interactiveMode: 'Never', command: 'sh', args };
    expect(config).toEqual({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'palestra', cluster: { server: server.url, 'certificate-authority-data': 'UEVN' } }],
      users: [{ name: 'learner', user: { exec } }],
      contexts: [
        { name: 'palestra', context: { cluster: 'palestra', user: 'learner', namespace: 'palestra-u-1' } },
      ],
      'current-context': 'palestra',
    });
  });
});

function never(): never {
  throw new Error('no small size');
}
