/** The relay before the real agent: prompts, cuts and floods as a browser meets them. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAgent } from '../agent/testing/start-agent.ts';
import type { StartedAgent } from '../agent/testing/start-agent.ts';
import { CLOSE } from '../contract/terminal.ts';
import { TerminalClient } from '../sandboxes/link/terminal-client.ts';
import type { ClientOptions } from '../sandboxes/link/terminal-client.ts';
import { closeOf, relayGround, somebody } from './testing/relay-ground.ts';
import type { RelayGround } from './testing/relay-ground.ts';

let agent: StartedAgent;
let ground: RelayGround;
beforeAll(async () => {
  agent = await startAgent();
  ground = await relayGround(agent.link);
});
afterAll(async () => {
  await ground[Symbol.asyncDispose]();
  await agent.stop();
});

async function terminal(options: ClientOptions = {}, session = 'session-1'): Promise<TerminalClient> {
  const client = new TerminalClient(await ground.browser(somebody(session)), options);
  client.hello();
  await client.until(() => client.welcome !== null, 'a welcome');
  return client;
}

describe('a browser at the real agent', () => {
  it('is at a prompt, and runs a command', async () => {
    const browser = await terminal();
    expect(await browser.run('echo $((6*7))')).toContain('42');
    await browser.close();
  });

  it('F4 goes on exactly where it was cut, byte for byte, from any place', async () => {
    const first = await terminal();
    await first.run('seq 1 20000');
    const whole = first.bytes;
    await first.close();
    for (const share of [0, 0.1, 0.33, 0.5, 0.77, 0.999]) {
      const from = Math.floor(whole.length * share);
      const again = await terminal({ from, mode: 'read' });
      await again.until(() => again.offset >= whole.length, 'the rest');
      expect(again.bytes.subarray(0, whole.length - from).equals(whole.subarray(from))).toBe(true);
      again.cut();
    }
  });

  it('F1 the shell does not notice that a relay went away', async () => {
    await using other = await relayGround(agent.link);
    const before = new TerminalClient(await other.browser());
    before.hello();
    await before.run('export KEPT=yes; cd /tmp');
    const { offset } = before;
    const closed = closeOf(before.socket);
    await other.relay.close();
    expect(await closed).toBe(CLOSE.restarting);
    const after = await terminal({ from: offset });
    expect(await after.run('echo $KEPT $PWD')).toContain('yes /tmp');
    await after.close();
  });

  it('F5 a laptop that slept eight hours finds all that was printed meanwhile, in the same shell', async () => {
    let now = Date.now();
    await using night = await relayGround(agent.link, { clock: () => now });
    const who = somebody('sleeper', now + 12 * 3_600_000);
    const evening = new TerminalClient(await night.browser(who), { from: -1 });
    evening.hello();
    await evening.untilIdle();
    evening.type('export DREAM=kept; sleep 0.3; seq 1 2000\r');
    const { offset } = evening;
    evening.cut();
    now += 8 * 3_600_000;
    const morning = new TerminalClient(await night.browser(who), { from: offset });
    morning.hello();
    await morning.untilText('1999\r\n2000\r\n');
    expect(morning.welcome).toMatchObject({ start: offset, dropped: 0 });
    expect(await morning.run('echo $DREAM')).toContain('kept');
    await morning.close();
  });

  it('F5 a login that ended meanwhile is said by its code, and the terminal is not a stranger’s', async () => {
    let now = Date.now();
    await using night = await relayGround(agent.link, { clock: () => now, pingMs: 50 });
    const client = new TerminalClient(await night.browser(somebody('sleeper', now + 3_600_000)), {
      from: -1,
    });
    client.hello();
    await client.untilIdle();
    now += 8 * 3_600_000;
    expect((await client.untilClosed()).code).toBe(CLOSE.revoked);
  });

  it('T9 data before hello, invalid JSON, an unknown type: 1008, and the next one is served', async () => {
    for (const said of [Buffer.from('rm -rf /\r'), '{', '{"type":"format"}', '[]']) {
      const socket = await ground.browser();
      socket.send(said);
      expect(await closeOf(socket)).toBe(1008);
    }
    const next = await terminal();
    await next.close();
  });

  it('30 MB through agent and relay, identical by hash', async () => {
    const browser = await terminal({ from: -1 });
    await browser.untilIdle();
    const start = browser.offset;
    browser.forget();
    const seen = createHash('sha256');
    let bytes = 0;
    browser.socket.on('message', (data: Buffer, binary: boolean) => {
      if (binary) bytes += seen.update(data) && data.length;
    });
    await browser.run("head -c 30000000 /dev/zero | tr '\\0' x | fold -w 79", 60_000);
    const end = browser.offset;
    const replay = await terminal({ from: start, mode: 'read' });
    await replay.until(() => replay.offset >= end, 'the replay', 60_000);
    const again = createHash('sha256')
      .update(replay.bytes.subarray(0, end - start))
      .digest('hex');
    expect(bytes).toBe(end - start);
    expect(again).toBe(seen.digest('hex'));
    browser.cut();
    replay.cut();
  });

  it('an agent that is killed closes with agentLost; a fresh ticket finds the one that follows', async () => {
    const browser = await terminal();
    const closed = closeOf(browser.socket);
    agent = await agent.restart('SIGKILL');
    expect(await closed).toBe(CLOSE.agentLost);
    const socket = await ground.browser();
    expect(socket.readyState).toBe(socket.OPEN);
    socket.terminate();
    await once(socket, 'close');
  });
});
