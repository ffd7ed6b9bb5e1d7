/** What one client may do to the program, to the agent's memory and to its neighbours: by reading slowly, or not at all. */
import fs from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAgent } from '../testing/start-agent.ts';
import type { StartedAgent } from '../testing/start-agent.ts';
import { clientOn } from '../../sandboxes/link/terminal-client.ts';
import type { ClientOptions, TerminalClient } from '../../sandboxes/link/terminal-client.ts';

let agent: StartedAgent;
const FULL = process.env['PALESTRA_FULL'] !== undefined;

async function idle(name: string, options: ClientOptions = {}): Promise<TerminalClient> {
  const client = clientOn(await agent.link.terminalSocket(name, 'write'), options);
  await client.untilIdle();
  return client;
}
/** resident memory, bytes */
async function memory(): Promise<number> {
  const status = await fs.readFile(`/proc/${agent.child.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024;
}
const descriptors = async (): Promise<number> => (await fs.readdir(`/proc/${agent.child.pid}/fd`)).length;

beforeAll(async () => {
  agent = await startAgent();
});
afterAll(async () => {
  expect(agent.said()).toBe('');
  await agent.stop();
});

describe('flow', () => {
  it('Ctrl-C under a flood reaches a 2 MB/s reader before a second of output does', async () => {
    const client = await idle('flood', { rate: 2_000_000, keep: false });
    client.type('yes abcdefghijklmnopqrstuvwxyz\r');
    await wait(1500);
    const before = client.offset;
    client.type('\x03');
    await client.untilIdle();
    // bytes, not time: what still came after Ctrl-C is the window and little more, on any machine
    expect(client.offset - before).toBeLessThan(400_000);
    await client.close();
    await agent.link.closeTerminal('flood');
  });

  it('T7 a client that never reads while yes runs: peers go on, memory stays', async () => {
    const deaf = await idle('deaf', { rate: 0, keep: false });
    const peer = await idle('peer');
    const before = await memory();
    deaf.type('yes\r');
    await wait(1000);
    deaf.socket.pause();
    expect(await peer.run('echo peer')).toContain('peer');
    await wait(FULL ? 20_000 : 5_500);
    expect(await peer.run('echo again')).toContain('again');
    expect((await memory()) - before).toBeLessThan(100 * 1024 * 1024);
    await agent.link.stop('deaf');
    deaf.cut();
    await peer.close();
    await agent.link.closeTerminal('deaf');
  });

  it('a writer that went away for 5 s holds nothing back, and catches up byte-exact when it returns', async () => {
    const client = await idle('away', { rate: 0 });
    client.type('head -c 2000000 /dev/zero | tr "\\0" x; touch done\r');
    const began = Date.now();
    while (!(await fs.stat(`${agent.home}/done`).catch(() => null))) await wait(50);
    expect(Date.now() - began).toBeGreaterThan(4000);
    for (;;) {
      client.say({ type: 'ack', offset: client.offset });
      const { offset } = client;
      await wait(5);
      if (client.offset === offset && client.prompt.state === 'idle') break;
    }
    expect(client.text.match(/x{1000}/g)?.length).toBe(2000);
    await client.close();
    await agent.link.closeTerminal('away');
  });

  it('T75 opened and closed again and again: descriptors, memory and ptys are what they were', async () => {
    const first = await idle('churn');
    const open = async (): Promise<void> =>
      clientOn(await agent.link.terminalSocket('churn', 'read'), { mode: 'read', from: -1 }).close();
    for (let i = 0; i < 50; i += 1) await open();
    const [fds, bytes] = [await descriptors(), await memory()];
    for (let i = 0; i < (FULL ? 5000 : 200); i += 1) await open();
    expect(await descriptors()).toBeLessThanOrEqual(fds + 2);
    expect((await memory()) - bytes).toBeLessThan(40 * 1024 * 1024);
    expect(await first.run('echo still')).toContain('still');
    await first.close();
  });

  it('T65 bytes of every kind arrive as they were printed', async () => {
    const client = await idle('bytes');
    const length = FULL ? 10_000_000 : 1_000_000;
    await client.run(`head -c ${length} /dev/urandom > random; stty -opost`);
    const before = client.bytes.length;
    client.type('cat random; stty opost; echo END-OF-$((1+1))\r');
    await client.untilText('END-OF-2', 60_000);
    const random = await fs.readFile(`${agent.home}/random`);
    expect(client.bytes.subarray(before).includes(random)).toBe(true);
    await client.close();
    await agent.link.closeTerminal('bytes');
  });

  it('output held back for a slow reader is not lost when its program ends', async () => {
    const client = await idle('last', { rate: 1_000_000 });
    client.type('seq 1 200000; exit\r');
    await client.until(() => client.messages.some(({ type }) => type === 'exit'), 'the exit', 20_000);
    await client.until(() => client.text.includes('199999\r\n200000\r\n'), 'the last line');
    await client.close();
  });
});
