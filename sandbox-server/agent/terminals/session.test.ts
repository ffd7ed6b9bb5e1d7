/** Clients that break the protocol are closed with a code they understand; the agent and the others go on. */
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import type { Duplex } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAgent } from '../testing/start-agent.ts';
import type { StartedAgent } from '../testing/start-agent.ts';
import { TerminalClient, clientOn, webSocketOn } from '../../sandboxes/link/terminal-client.ts';

let agent: StartedAgent;
beforeAll(async () => {
  agent = await startAgent();
});
afterAll(async () => {
  const client = clientOn(await agent.link.terminalSocket('after', 'write'));
  await client.untilIdle();
  expect(await client.run('echo alive')).toContain('alive');
  expect(agent.said()).toBe('');
  await agent.stop();
});

const raw = (): Promise<Duplex> => agent.link.terminalSocket('1', 'write');
/** a client that has not said hello yet */
const silent = async (): Promise<TerminalClient> => new TerminalClient(webSocketOn(await raw()));
const HELLO = JSON.stringify({ type: 'hello', from: 0, size: { cols: 80, rows: 24 }, mode: 'write' });

describe('session', () => {
  it.each([
    ['bytes', Buffer.from('ls\r')],
    ['an ack', '{"type":"ack","offset":0}'],
    ['a resize', '{"type":"resize","size":{"cols":80,"rows":24}}'],
    ['no JSON', '{'],
    ['an unknown type', '{"type":"shout"}'],
    ['a size of nothing', '{"type":"hello","from":0,"size":{"cols":0,"rows":0},"mode":"write"}'],
  ])('T9 %s before hello: 1008', async (_, message) => {
    const client = await silent();
    client.socket.send(message);
    expect((await client.untilClosed()).code).toBe(1008);
  });

  it.each([
    ['no JSON', 'hello'],
    ['an unknown type', '{"type":"shout"}'],
    ['a negative offset', '{"type":"ack","offset":-1}'],
  ])('T9 %s after hello: 1008', async (_, message) => {
    const client = await silent();
    client.socket.send(HELLO);
    await client.until(() => client.welcome !== null);
    client.socket.send(message);
    expect((await client.untilClosed()).code).toBe(1008);
  });

  it('T9 text that is not UTF-8 is closed with 1007', async () => {
    const socket = await raw();
    socket.write(Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0xff, 0xfe]));
    expect(await closeCode(socket)).toBe(1007);
  });

  it('T4 64 KiB and one byte: 1009', async () => {
    const client = await silent();
    client.socket.send(HELLO);
    await client.until(() => client.welcome !== null);
    client.socket.send(Buffer.alloc(64 * 1024 + 1, 'x'));
    expect((await client.untilClosed()).code).toBe(1009);
  });

  it('T5 fragments without an end: closed at the bound', async () => {
    const socket = await raw();
    socket.on('error', () => undefined);
    const part = Buffer.concat([Buffer.from([0x02, 0xfe, 0x40, 0x00, 0, 0, 0, 0]), Buffer.alloc(0x4000)]);
    socket.write(part);
    for (let i = 0; i < 8; i += 1) socket.write(Buffer.concat([Buffer.from([0x00]), part.subarray(1)]));
    expect(await closeCode(socket)).toBe(1009);
  });

  it('T8 ten thousand messages at once: 4003, and typing fast is none of it', async () => {
    const client = clientOn(await raw());
    await client.untilIdle();
    for (let i = 0; i < 2000; i += 1) client.say({ type: 'ack', offset: client.offset });
    await wait(50);
    expect(client.closed).toBeNull();
    for (let i = 0; i < 10_000; i += 1) client.say({ type: 'ack', offset: client.offset });
    expect((await client.untilClosed()).code).toBe(4003);
  });

  it('T9 no hello at all: 1008 after 5 s', async () => {
    const client = await silent();
    expect((await client.untilClosed(8000)).code).toBe(1008);
  });

  it('a second hello on the same socket begins anew', async () => {
    const client = clientOn(await agent.link.terminalSocket('anew', 'write'));
    await client.untilIdle();
    const whole = client.bytes;
    client.forget();
    client.hello();
    await client.until(
      () =>
        client.messages.filter(({ type }) => type === 'welcome').length === 2 &&
        client.offset >= whole.length,
    );
    expect(client.bytes.equals(whole)).toBe(true);
    await client.close();
  });
});

/** the code of the close frame that comes */
async function closeCode(socket: Duplex): Promise<number> {
  let seen = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => (seen = Buffer.concat([seen, chunk])));
  await once(socket, 'close');
  const at = seen.lastIndexOf(0x88);
  return seen.readUInt16BE(at + 2);
}
