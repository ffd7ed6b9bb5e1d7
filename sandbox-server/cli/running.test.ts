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
