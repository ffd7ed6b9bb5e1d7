/** The agent as a whole: claim, tokens, events, ports, restarts, and what it survives. */
import fs from 'node:fs/promises';
import net from 'node:net';
import { join } from 'node:path';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AgentEvent } from '../contract/agent.ts';
import { clientOn } from '../sandboxes/link/terminal-client.ts';
import { CLAIM, startAgent } from './testing/start-agent.ts';
import type { StartedAgent } from './testing/start-agent.ts';

let agent: StartedAgent;
beforeAll(async () => {
  agent = await startAgent();
});
afterAll(async () => {
  expect(agent.said()).toBe('');
  await agent.stop();
});
async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let i = 0; i < 600; i += 1) {
    if (await holds()) return;
    await wait(25);
  }
  throw new Error(`never: ${what}`);
}

describe('claim', () => {
  it('is answered the same twice and refused for another lab', async () => {
    expect(await agent.link.claim(CLAIM)).toMatchObject({ lab: CLAIM.lab, user: 'st07' });
    await expect(agent.link.claim({ ...CLAIM, lab: 'z'.repeat(20) })).rejects.toMatchObject({
      code: 'conflict',
    });
    expect((await agent.link.status()).lab).toBe(CLAIM.lab);
  });

  it('comes before terminals and files; the home is not touched until then (finding 7)', async () => {
    const warm = await startAgent({ claim: null });
    try {
      await fs.rmdir(warm.home);
      await expect(warm.link.terminalSocket('1', 'write')).rejects.toMatchObject({ code: 'conflict' });
      await expect(warm.link.tree('')).rejects.toMatchObject({ code: 'conflict' });
      await expect(warm.link.type({ code: 'ls' })).rejects.toMatchObject({ code: 'conflict' });
      expect(
        (await warm.link.run({ lang: 'sh', code: 'pwd', timeout: 5, fixtures: [], env: {} })).stdout,
      ).toBe('/\n');
      await expect(fs.stat(warm.logs)).rejects.toThrow('ENOENT');
      await fs.mkdir(warm.home);
      await warm.link.claim({ ...CLAIM, env: { COLOUR: 'blue' } });
      const client = clientOn(await warm.link.terminalSocket('1', 'write'));
      expect(await client.run('echo $COLOUR $HOME')).toContain(`blue ${warm.home}`);
      await client.close();
    } finally {
      await warm.stop();
    }
  });
});

describe('tokens', () => {
  it('T59 are 0600 files that a shell opened earlier finds, replaced whole', async () => {
    const client = clientOn(await agent.link.terminalSocket('tokens', 'write'));
    await client.untilIdle();
    await agent.link.tokens({
      tokens: [
        { name: 'default', token: 'first', expiresAt: 0 },
        { name: 'rucio', token: 'second', expiresAt: 0 },
      ],
    });
    expect(await client.run('cat $BEARER_TOKEN_FILE')).toContain('first');
    expect(await client.run('stat -c %a $BEARER_TOKEN_FILE ${BEARER_TOKEN_FILE%/*}/rucio')).toMatch(
      /600\r\n600/,
    );
    expect(await client.run('env')).not.toContain('first');
    await agent.link.tokens({ tokens: [{ name: 'default', token: 'renewed', expiresAt: 0 }] });
    expect(await client.run('cat $BEARER_TOKEN_FILE')).toContain('renewed');
    await client.close();
  });
});

describe('events', () => {
  it('begin with hello; commands, files, ports and terminals follow', async () => {
    const seen: AgentEvent[] = [];
    using _ = agent.link.events((event) => seen.push(event));
    await until(() => seen.length > 0, 'hello');
    expect(seen[0]).toMatchObject({ type: 'hello', status: { sandbox: agent.sandbox.id, lab: CLAIM.lab } });
    const client = clientOn(await agent.link.terminalSocket('events', 'write'));
    await client.run('echo x > made-here; false');
    await until(
      () =>
        seen.some(
          (one) =>
            one.type === 'command' &&
            one.exit === 1 &&
            one.terminal === 'events' &&
            one.line === 'echo x > made-here; false',
        ),
      'command',
    );
    await until(
      () => seen.some((one) => one.type === 'files' && one.changes.some(({ path }) => path === 'made-here')),
      'files',
    );
    await until(
      () =>
        seen.some((one) => one.type === 'terminals' && one.terminals.some(({ name }) => name === 'events')),
      'terminals',
    );
    const server = net.createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as net.AddressInfo;
    await until(
      () => seen.some((one) => one.type === 'ports' && one.ports.some((open) => open.port === port)),
      'ports',
    );
    server.close();
    await until(
      () =>
        seen.at(-1)?.type !== 'ports' ||
        !seen.findLast((one) => one.type === 'ports')?.ports.some((open) => open.port === port),
      'port closed',
    );
    await client.close();
  });

  it('a command is in $PALESTRA_COMMANDS before its event comes', async () => {
    const there: Promise<boolean>[] = [];
    using _ = agent.link.events((event) => {
      if (event.type === 'command')
        there.push(
          fs.readFile(join(agent.logs, 'commands.jsonl'), 'utf8').then((text) => text.includes(event.line)),
        );
    });
    const client = clientOn(await agent.link.terminalSocket('order', 'write'));
    for (const n of [1, 2, 3]) await client.run(`true unique-${n}`);
    await until(() => there.length >= 3, 'three commands');
    expect(await Promise.all(there)).not.toContain(false);
    await client.close();
  });
});

describe('ports', () => {
  it('carry bytes both ways, halves closed on their own', async () => {
    const server = net.createServer({ allowHalfOpen: true }, (socket) => {
      const parts: Buffer[] = [];
      socket.on('data', (part: Buffer) => parts.push(part));
      socket.on('end', () => socket.end(Buffer.concat([Buffer.from('got '), ...parts])));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as net.AddressInfo;
    const socket = await agent.link.port(port);
    socket.end('hello');
    let answer = '';
    for await (const part of socket as AsyncIterable<Buffer>) answer += part.toString();
    expect(answer).toBe('got hello');
    server.close();
    await once(server, 'close');
    await expect(agent.link.port(port)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('T37 only ports of the learner: 22, 65536 and words are refused', async () => {
    for (const port of [22, 1023, 65536, 0, -1, 1.5, NaN])
      await expect(agent.link.port(port)).rejects.toMatchObject({ code: 'bad-request' });
  });
});

describe('a new start', () => {
  it('F3 F15 kill -9 and again: the log is found with its offsets, the shell is new, the link finds the new boot', async () => {
    let mine = await startAgent();
    try {
      const first = clientOn(await mine.link.terminalSocket('1', 'write'));
      await first.run('echo from-before; seq 1 2000');
      const { bytes, offset } = first;
      const onDisk = join(mine.logs, '1', '000000000000000.log');
      await until(
        async () => (await fs.stat(onDisk).catch(() => ({ size: 0 }))).size >= offset,
        'the last flush',
      );
      const boot = first.welcome?.boot;
      mine = await mine.restart('SIGKILL');
      const second = clientOn(await mine.link.terminalSocket('1', 'write'), { from: 0 });
      await second.untilIdle();
      expect(second.welcome?.boot).not.toBe(boot);
      expect(second.welcome).toMatchObject({ start: 0, dropped: 0 });
      expect(second.bytes.subarray(0, offset).equals(bytes)).toBe(true);
      expect(await second.run('echo and-after')).toContain('and-after');
      await second.close();
    } finally {
      await mine.stop();
    }
  });

  it('finding 12: as process 1 of its sandbox it survives kill -9 -1, and the shell comes back', async () => {
    const mine = await startAgent({
      config: { reaper: ['tini', '-s', '--'] },
      wrap: (_, argv) => [
        'unshare',
        '--user',
        '--map-root-user',
        '--kill-child',
        '--pid',
        '--fork',
        '--mount-proc',
        ...argv,
      ],
    });
    try {
      const client = clientOn(await mine.link.terminalSocket('1', 'write'));
      await client.untilIdle();
      expect(await client.run('cat /proc/1/cmdline | tr "\\0" " "')).toContain('main.ts');
      client.type('kill -9 -1\r');
      await client.until(() => client.prompt.state === 'exited');
      expect((await mine.link.status()).lab).toBe(CLAIM.lab);
      client.hello();
      await client.until(
        () =>
          client.messages.filter(({ type }) => type === 'welcome').length === 2 &&
          client.prompt.state === 'idle',
      );
      expect(await client.run('echo back')).toContain('back');
    } finally {
      await mine.stop();
    }
  });
});
