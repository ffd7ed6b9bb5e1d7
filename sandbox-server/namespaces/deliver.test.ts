/** Against the real agent: what a sandbox finds after a delivery. */
import { readFile, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { startAgent, type StartedAgent } from '../agent/testing/start-agent.ts';
import { Problem } from '../contract/errors.ts';
import { deliver, renewIn, untilReachable } from './deliver.ts';
import { kubeconfig } from './objects/token.ts';

const prepared = (token: string) => ({
  namespace: 'palestra-u-0044322908c7',
  token,
  expiresAt: Date.now() + 3_600_000,
  kubeconfig: (file: string) =>
    kubeconfig('palestra-u-0044322908c7', { url: 'https://10.0.0.1:6443', ca: 'PEM' }, file),
  api: { host: '10.0.0.1', port: 6443 },
});
let agent: StartedAgent | undefined;
const opened: Server[] = [];
afterEach(async () => {
  await agent?.stop();
  for (const server of opened.splice(0)) await new Promise((done) => server.close(done));
});
const started = async () => (agent = await startAgent());

describe('a delivery', () => {
  it('T48 T58 leaves a short token in a file for the owner alone, and a kubeconfig that only names it', async () => {
    const { link, home } = await started();
    const { tokenFile, kubeconfig: where } = await deliver(link, prepared('first-token'));
    expect(await readFile(tokenFile, 'utf8')).toBe('first-token');
    expect((await stat(tokenFile)).mode & 0o777).toBe(0o600);
    const config = await readFile(join(home, where), 'utf8');
    expect(config).toContain(`"${tokenFile}"]`);
    expect(config).not.toContain('first-token');
  });
  it('T59 a renewed token stands in the same file', async () => {
    const { link } = await started();
    const { tokenFile } = await deliver(link, prepared('first-token'));
    await renewIn(link, { token: 'second-token', expiresAt: Date.now() + 1000 });
    expect(await readFile(tokenFile, 'utf8')).toBe('second-token');
  });
  it('again changes nothing; a kubeconfig that the learner changed is kept, ours laid beside it', async () => {
    const { link, home } = await started();
    expect(await deliver(link, prepared('a'))).toMatchObject({ kubeconfig: '.kube/config' });
    expect(await deliver(link, prepared('b'))).toMatchObject({ kubeconfig: '.kube/config' });
    await writeFile(join(home, '.kube/config'), 'mine');
    expect(await deliver(link, prepared('c'))).toMatchObject({ kubeconfig: '.kube/config.new' });
    expect(await readFile(join(home, '.kube/config'), 'utf8')).toBe('mine');
  });
  it.each(['../etc', '', 'relative', '/a b', '/run/$(id)', `/${'x'.repeat(300)}`])(
    'T77 a sandbox that says its tokens lie in %j is told so',
    async (stdout) => {
      const refused = deliver(
        {
          tokens: () => Promise.resolve(),
          run: () => Promise.resolve({ exit: 0, stdout, stderr: '', ms: 1, timedOut: false }),
          give: () => Promise.reject(new Error('nothing is given')),
        },
        prepared('t'),
      );
      await expect(refused).rejects.toMatchObject({ code: 'agent-misbehaved' });
    },
  );
});

describe('finding 10: waiting for the network', () => {
  it('ends as soon as the sandbox can connect', async () => {
    const { link } = await started();
    const server = createServer((socket) => socket.destroy());
    opened.push(server);
    // a port that opens later: taken once, given back, listened on again
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    await new Promise((done) => server.close(done));
    setTimeout(() => server.listen(port, '127.0.0.1'), 700);
    await untilReachable(link, { host: '127.0.0.1', port });
  });
  it('says so where it stays closed', async () => {
    const { link } = await started();
    const waiting = untilReachable(link, { host: '127.0.0.1', port: 1 }, undefined, 1);
    await expect(waiting).rejects.toThrow(Problem);
  });
});
