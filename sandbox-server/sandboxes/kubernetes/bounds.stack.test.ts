/** A learner who asks for too much, or for what is not theirs, on a real cluster: contained, and told; others notice nothing. */
import { createServer, type Server } from 'node:http';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AgentEvent, RunResult } from '../../contract/agent.ts';
import { createHomes } from '../../homes/homes.ts';
import { openFolder } from '../../homes/objects/folder.ts';
import { openStore, type Store } from '../../store/index.ts';
import { silentLog } from '../../telemetry/index.ts';
import { until } from '../conformance.ts';
import type { Sandbox, SandboxEvent } from '../driver.ts';
import { newId } from '../ids.ts';
import type { KeptHomes } from '../kept-homes.ts';
import { clusterSubject, LIMITS, podOf, type ClusterSubject } from './testing/cluster-subject.ts';

const MINUTE = 60_000;
let subject: ClusterSubject;
let store: Store;
/** the store of homes, a disk of 4 MiB */
let folder: string;
let homes: KeptHomes;
const events: SandboxEvent[] = [];
const mount = (...words: string[]) => promisify(execFile)(words[0] ?? '', words.slice(1));

beforeAll(async () => {
  store = await openStore(':memory:');
  folder = await mkdtemp(join(tmpdir(), 'palestra-kept-'));
  await mount('mount', '-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder);
  homes = createHomes({ objects: await openFolder(folder), store, log: silentLog(), patienceMs: 1500 });
  subject = await clusterSubject({ homes, prepare: ({ cluster, namespace }) => walls(cluster, namespace) });
  await subject.driver.adopt();
  subject.driver.watch((event) => events.push(event));
}, 20 * MINUTE);
afterAll(async () => {
  await subject.close();
  await store.close();
  await mount('umount', folder);
  await rm(folder, { recursive: true });
});

/** As the chart's: both ways shut, names, and the agent's door for the server alone, which here is this machine. */
async function walls(cluster: ClusterSubject['cluster'], namespace: string): Promise<void> {
  const policy = (name: string, spec: object) => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { namespace, name },
    spec: { podSelector: {}, ...spec },
  });
  const machine = { ipBlock: { cidr: `${cluster.addresses?.host ?? '0.0.0.0'}/32` } };
  await cluster.apply(
    policy('default-deny', { policyTypes: ['Ingress', 'Egress'] }),
    policy('agent', { policyTypes: ['Ingress'], ingress: [{ from: [machine], ports: [{ port: 7070 }] }] }),
  );
}

async function claimed(lab = newId()): Promise<Sandbox & { lab: string }> {
  const sandbox = await subject.driver.claim({ lab, kit: 'base' });
  const claim = { lab, user: 'st07', fullName: 'Ada Learner', seed: '0123456789abcdef', env: {} };
  await subject.linkTo(sandbox).claim(claim);
  return { ...sandbox, lab };
}
const run = (sandbox: Sandbox, code: string, timeout = 60): Promise<RunResult> =>
  subject.linkTo(sandbox).run({ lang: 'bash', code, timeout, fixtures: [], env: {} });
const printed = async (sandbox: Sandbox, code: string): Promise<string> =>
  (await run(sandbox, code)).stdout.trim();
/** what the agent warns of meanwhile */
function warnings(sandbox: Sandbox): { texts: string[] } & Disposable {
  const texts: string[] = [];
  const events = subject.linkTo(sandbox).events((event: AgentEvent) => {
    if (event.type === 'warning') texts.push(event.text);
  });
  return { texts, [Symbol.dispose]: () => events[Symbol.dispose]() };
}
const lossOf = (lab: string) => events.find((event) => event.type === 'lost' && event.sandbox.lab === lab);

describe('too much of it', () => {
  it('T41 a fork bomb is ended as one and said; its own agent and the neighbour go on', async () => {
    const [one, neighbour] = [await claimed(), await claimed()];
    using told = warnings(one);
    const { boot } = await subject.linkTo(one).status();
    const bomb = run(one, 'for i in $(seq 400); do sleep 300 & done 2>/dev/null; wait');
    const answers: string[] = [];
    while (told.texts.length === 0) answers.push(await printed(neighbour, 'echo here'));
    expect(new Set(answers)).toEqual(new Set(['here']));
    expect(told.texts[0]).toMatch(/processes `sleep` were ended: at most 128 processes may run at a time/);
    await bomb;
    const after = await subject.linkTo(one).status();
    expect(after.boot).toBe(boot);
    expect(Number(await printed(one, 'ls -d /proc/[0-9]* | wc -l'))).toBeLessThan(LIMITS.pids);
    expect(await printed(neighbour, 'ls -d /proc/[0-9]* | wc -l')).toMatch(/^\d\d?$/);
  });

  it('T43 a disk that is full is said: the writer ends, the lab goes on; /tmp says it by itself', async () => {
    const sandbox = await claimed();
    using told = warnings(sandbox);
    const fill = run(sandbox, 'for i in $(seq 200); do head -c 1M /dev/zero; sleep 0.1; done | cat > ~/fill');
    await until(() => told.texts.some((text) => text.includes('Remove something')), MINUTE);
    expect(told.texts.find((text) => text.includes('was ended'))).toMatch(
      /^`\w+` was ended\. Your files take \d+ MiB, and 64 MiB are the bound\. Remove something\.$/,
    );
    await fill;
    expect(await printed(sandbox, 'rm ~/fill && echo room')).toBe('room');
    const tmp = await run(sandbox, 'head -c 100M /dev/zero > /tmp/fill; rm /tmp/fill; echo goes on');
    expect(tmp.stderr).toContain('No space left on device');
    expect(tmp.stdout).toBe('goes on\n');
  });

  it(
    'F14 T43 one that fills its disk at a stroke is evicted: the reason is shown, saved files come back',
    { timeout: 10 * MINUTE },
    async () => {
      const sandbox = await claimed();
      await run(sandbox, 'echo saved > ~/notes');
      const home = { lab: sandbox.lab, sandbox: sandbox.id };
      expect(await homes.saveFrom(home, linkOf(sandbox))).toMatchObject({ anew: true });
      await run(sandbox, 'echo lost > ~/notes; fallocate -l 120M ~/big');
      await until(() => lossOf(sandbox.lab) !== undefined, 5 * MINUTE);
      expect(lossOf(sandbox.lab)).toMatchObject({ reason: 'its files took more space than the sandbox has' });
      await subject.driver.release(sandbox.lab);
      expect(await printed(await claimed(sandbox.lab), 'cat ~/notes; ls ~/big 2>/dev/null')).toBe('saved');
    },
  );
});

const linkOf = (sandbox: Sandbox) => subject.linkTo(sandbox) as Parameters<KeptHomes['saveFrom']>[1];

describe('homes in a folder', () => {
  it('F13 are in the next pod; what nobody changed is not saved twice', async () => {
    const first = await claimed();
    await run(first, 'echo work > ~/notes; ln -s notes ~/link; mkdir ~/d; chmod 700 ~/d');
    await subject.driver.release(first.lab);
    const next = await claimed(first.lab);
    expect(next.id).not.toBe(first.id);
    expect(await printed(next, 'cat ~/link; stat -c "%a %U" ~/d; id -un')).toMatch(/^work\n700 (\w+)\n\1$/);
    const saved = await homes.saveFrom({ lab: next.lab, sandbox: next.id }, linkOf(next));
    expect(saved).toMatchObject({ anew: false });
  });

  it('F16 a store without space: nothing is ended, nothing half is left, and it is said; with space it goes on', async () => {
    const sandbox = await claimed();
    await run(sandbox, 'echo work > ~/notes; head -c 8M /dev/urandom > ~/large');
    await expect(subject.driver.release(sandbox.lab)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('nothing was ended') as string,
    });
    expect(await readdir(join(folder, '.parts'))).toEqual([]);
    expect(await homes.savedAt(sandbox.lab)).toBeNull();
    expect(await printed(sandbox, 'rm ~/large; cat ~/notes')).toBe('work');
    await subject.driver.release(sandbox.lab);
    expect(await printed(await claimed(sandbox.lab), 'cat ~/notes')).toBe('work');
  });
});

describe('what is not theirs', () => {
  /** beside the same connection from a pod without walls: a test of something closed must be able to fail */
  let free: ClusterSubject;
  let portal: Server;
  beforeAll(async () => {
    free = await clusterSubject();
    await free.driver.adopt();
    portal = createServer((_request, response) => void response.end('metrics'));
    await new Promise<void>((done) => portal.listen(0, '0.0.0.0', done));
  });
  afterAll(async () => {
    await free.close();
    portal.close();
  });
  const connect = (address: string): string =>
    `timeout 5 bash -c '</dev/tcp/${address.replace(':', '/')}' 2>/dev/null && echo open || echo closed`;

  it('T53 another’s pod, the kubelet and the server’s own port are closed', async (context) => {
    const { addresses } = subject.cluster;
    if (addresses === null) return context.skip('the addresses of a person’s own cluster are not known');
    const [one, other] = [await claimed(), await claimed()];
    const outside = await free.driver.claim({ lab: newId(), kit: 'base' });
    const inside = await free.driver.claim({ lab: newId(), kit: 'base' });
    const at = (sandbox: Sandbox) => (sandbox.agent.kind === 'tls' ? `${sandbox.agent.host}:7070` : '');
    const { port } = portal.address() as { port: number };
    const rest = [`${addresses.node}:10250`, `${addresses.host}:${port}`];
    const from = async (who: ClusterSubject, sandbox: Sandbox, all: readonly string[]) =>
      who.kubectl('exec', await podOf(who, sandbox.lab), '--', 'bash', '-c', all.map(connect).join('; '));
    expect(await from(free, outside, [at(inside), ...rest])).toBe('open\n'.repeat(3));
    expect(await from(subject, one, [at(other), at(inside), ...rest])).toBe('closed\n'.repeat(4));
    expect(await from(free, outside, [at(other)])).toBe('closed\n');
  });
});
