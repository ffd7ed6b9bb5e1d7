/**
 * What talks to whom. Each refusal stands beside the same connection from a namespace without policies, which is open:
 * a test of something closed must be able to fail.
 */
import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Prepared } from '../../../sandbox-server/namespaces/index.ts';
import { runProgram } from '../cluster/cluster.ts';
import { until } from '../until.ts';
import { access, openGround, SANDBOXES, type Ground } from './ground.ts';

let ground: Ground;
let ada: Prepared & { lab: string; scheduler: string };
let bob: Prepared & { lab: string; scheduler: string };
const FREE = 'palestra-t-free';
let free: string;

beforeAll(async () => {
  ground = await openGround();
  await ground.cluster.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: FREE } });
  const learner = async (login: string) => {
    const lab = ground.lab();
    const prepared = await ground.namespaces.prepare(ground.learner(login), lab, access());
    return { ...prepared, lab, scheduler: await ground.pod(prepared.namespace, 'scheduler') };
  };
  [ada, bob] = [await learner('ada'), await learner('bob')];
  await ground.pod(ada.namespace, 'worker');
  free = await ground.pod(FREE, 'free', {
    listen: ['8786', '25', '4444'].slice(0, 1).concat('8025', '4444'),
  });
  await ground.pod(SANDBOXES, 'sandbox-ada', { labels: { 'palestra.dev/lab': ada.lab } });
  await ground.pod(SANDBOXES, 'sandbox-none');
  await ground.pod(FREE, 'pretender', { labels: { 'palestra.dev/lab': ada.lab } });
}, 900_000);
afterAll(() => ground.close());

async function reach(namespace: string, pod: string, ...addresses: string[]): Promise<string> {
  const printed = await ground.probe(namespace, pod, 'connect', ...addresses);
  return printed
    .trim()
    .split('\n')
    .map((line) => line.split(' ').at(-1))
    .join(' ');
}
const opens = (namespace: string, pod: string, address: string) =>
  until(
    () => reach(namespace, pod, address),
    (text) => text === 'open',
    20_000,
  );

describe('a learner’s namespace', () => {
  it('is open within: a worker reaches its scheduler', async () => {
    expect(await opens(ada.namespace, 'worker', `${ada.scheduler}:8786`)).toBe('open');
  });
  it('T60 T53 nobody else reaches the scheduler: not another learner, not a pod without a namespace of ours', async () => {
    expect(await reach(bob.namespace, 'scheduler', `${ada.scheduler}:8786`)).toBe('closed');
    expect(await reach(ada.namespace, 'worker', `${bob.scheduler}:8786`)).toBe('closed');
    expect(await reach(FREE, 'free', `${ada.scheduler}:8786`, `${free}:8786`)).toBe('closed open');
  });
  it('finding 11: the learner’s own sandbox reaches it; the same label in another namespace does not', async () => {
    expect(await opens(SANDBOXES, 'sandbox-ada', `${ada.scheduler}:8786`)).toBe('open');
    expect(await reach(SANDBOXES, 'sandbox-ada', `${bob.scheduler}:8786`)).toBe('closed');
    expect(await reach(SANDBOXES, 'sandbox-none', `${ada.scheduler}:8786`)).toBe('closed');
    expect(await reach(FREE, 'pretender', `${ada.scheduler}:8786`)).toBe('closed');
  });
  it('T50 T53 reaches neither API server nor kubelet, which the sandbox’s way and a free pod do', async () => {
    const api = `${ada.api.host}:${String(ada.api.port)}`;
    const kubelet = `${ada.api.host}:10250`;
    expect(await reach(FREE, 'free', api, kubelet)).toBe('open open');
    expect(await reach(ada.namespace, 'worker', api, kubelet)).toBe('closed closed');
    expect(await opens(SANDBOXES, 'sandbox-ada', api)).toBe('open');
    expect(await reach(SANDBOXES, 'sandbox-ada', kubelet)).toBe('closed');
  });
  it('T55 nothing leaves: no reverse shell, no mail, no scan of another namespace', async () => {
    const ports = ['4444', '8025', '8786'].map((port) => `${free}:${port}`);
    await ground.pod(FREE, 'outside');
    expect(await reach(FREE, 'outside', ...ports)).toBe('open open open');
    expect(await reach(ada.namespace, 'worker', ...ports)).toBe('closed closed closed');
  });
  it('asks names of the cluster’s DNS', async () => {
    expect(
      await ground.probe(ada.namespace, 'worker', 'lookup', 'kubernetes.default.svc.cluster.local'),
    ).toMatch(/\[\d/);
  });
  it('T52 does not reach a metadata service, although the address answers', async (context) => {
    if (ground.cluster.addresses === null)
      return context.skip('the machine of one’s own cluster is left alone');
    const ip = (...words: string[]) => runProgram(['ip', ...words], { env: process.env });
    await ip('addr', 'add', '169.254.169.254/32', 'dev', 'lo');
    const server = createServer((_req, res) => res.end('credentials'));
    try {
      await new Promise<void>((done) => server.listen(18_080, '169.254.169.254', done));
      const address = '169.254.169.254:18080';
      expect(await reach(FREE, 'free', address)).toBe('open');
      expect(await reach(ada.namespace, 'worker', address, '[fd00:ec2::254]:80')).toBe('closed closed');
      expect(await reach(SANDBOXES, 'sandbox-ada', address)).toBe('closed');
    } finally {
      await new Promise((done) => server.close(done));
      await ip('addr', 'del', '169.254.169.254/32', 'dev', 'lo');
    }
  });
  it('finding 10: the way opens after the label, not with it; and closes for whoever comes after the lab', async () => {
    const carl = ground.learner('carl');
    const lab = ground.lab();
    const prepared = await ground.namespaces.prepare(carl, lab, access());
    const scheduler = await ground.pod(prepared.namespace, 'scheduler');
    await ground.pod(SANDBOXES, 'warm');
    expect(await reach(SANDBOXES, 'warm', `${scheduler}:8786`)).toBe('closed');
    await ground.cluster.kubectlOk(['label', 'pod', '-n', SANDBOXES, 'warm', `palestra.dev/lab=${lab}`]);
    expect(await opens(SANDBOXES, 'warm', `${scheduler}:8786`)).toBe('open');
    await ground.namespaces.end(carl, lab);
    const policies = await ground.cluster.kubectlOk([
      'get',
      'networkpolicies',
      '-n',
      SANDBOXES,
      '-o',
      'name',
    ]);
    expect(policies).not.toContain(lab);
  });
});
