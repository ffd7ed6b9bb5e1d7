import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { announce, forget, running } from './running.ts';

let state = '';
beforeEach(async () => {
  state = await mkdtemp(join(tmpdir(), 'palestra-running-'));
});
afterEach(() => rm(state, { recursive: true }));

describe('the running server', () => {
  it('is nobody at first', async () => expect(await running(state)).toBeNull());

  it('is not another program that got its pid', async () => {
    await announce(state, { pid: process.pid, url: 'http://localhost:1', since: 1 });
    expect(await running(state)).toBeNull();
  });

  it('is not one that was killed and left its file', async () => {
    await announce(state, { pid: 2 ** 22 - 1, url: 'http://localhost:1', since: 1 });
    expect(await running(state)).toBeNull();
  });

  it('F2 is not whoever asks: in a container each server is the same pid, also after a crash', async () => {
    const server = join(state, 'palestra.ts');
    const here = JSON.stringify(new URL('./running.ts', import.meta.url).href);
    await writeFile(
      server,
      `import { announce, running } from ${here};
await announce(${JSON.stringify(state)}, { pid: process.pid, url: 'http://localhost:1', since: 1 });
console.log(JSON.stringify(await running(${JSON.stringify(state)})));
await new Promise((done) => process.stdin.once('end', done).resume());`,
    );
    const child = spawn(process.execPath, [server, 'start'], { stdio: ['pipe', 'pipe', 'inherit'] });
    const ended = once(child, 'exit');
    const [said] = (await once(child.stdout, 'data')) as [Buffer];
    // the same file, asked by another: it runs
    expect((await running(state))?.pid).toBe(child.pid);
    expect(said.toString().trim()).toBe('null');
    child.stdin.end();
    await ended;
  });

  it('is nobody where the file is not ours', async () => {
    await writeFile(join(state, 'server.json'), '{"pid":"all"}');
    expect(await running(state)).toBeNull();
  });

  it('is forgotten, twice without harm', async () => {
    await announce(state, { pid: 1, url: 'x', since: 1 });
    await forget(state);
    await forget(state);
    expect(await running(state)).toBeNull();
  });
});
