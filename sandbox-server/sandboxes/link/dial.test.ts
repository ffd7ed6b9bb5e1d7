/** Agents on other machines: the real agent behind real TLS, and the ways in which it may be another. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CLAIM, ID, startAgent } from '../../agent/testing/start-agent.ts';
import type { StartedAgent } from '../../agent/testing/start-agent.ts';
import type { AgentAddress } from '../driver.ts';
import { dial, fingerprintAt } from './dial.ts';
import { createLinks } from './index.ts';
import { clientOn } from './terminal-client.ts';

let agent: StartedAgent;
let address: Extract<AgentAddress, { kind: 'tls' }>;

beforeEach(async () => {
  agent = await startAgent({ tls: true });
  if (agent.address.kind !== 'tls') throw new Error('it was to listen with TLS');
  address = agent.address;
});
afterEach(() => agent.stop());

const linkTo = (id: string, to: AgentAddress) => createLinks({ sign: agent.keys.sign })({ id, agent: to });
const misbehaved = { code: 'agent-misbehaved' };

describe('an agent behind TLS', () => {
  it('answers, opens terminals, tells events and tunnels ports as one on a socket does', async () => {
    expect(await agent.link.status()).toMatchObject({ sandbox: ID, lab: CLAIM.lab });
    const client = clientOn(await agent.link.terminalSocket('1', 'write'));
    expect(await client.run('echo over there')).toContain('over there');
    await client.close();
    const served = net.createServer((socket) => socket.end('mine')).listen(0, '127.0.0.1');
    await once(served, 'listening');
    const tunnel = await agent.link.port((served.address() as net.AddressInfo).port);
    expect(Buffer.concat((await tunnel.toArray()) as Buffer[]).toString()).toBe('mine');
    served.close();
    const hello = Promise.withResolvers<string>();
    using _ = agent.link.events((event) => event.type === 'hello' && hello.resolve(event.status.sandbox));
    expect(await hello.promise).toBe(ID);
  });

  it('carries megabytes both ways unchanged', async () => {
    const body = Buffer.alloc(3_000_000, 'palestra ');
    await agent.link.write('big', body, { ifNoneMatch: '*' });
    const read = await agent.link.read('big');
    expect(Buffer.concat((await read.body.toArray()) as Buffer[]).equals(body)).toBe(true);
  });

  it('has the fingerprint that whoever asks while it is warm sees', async () => {
    expect(await fingerprintAt(address)).toBe(address.pin);
    expect(address.pin).toMatch(/^[0-9a-f]{64}$/);
  });

  it('speaks nothing older than TLS 1.3, and no HTTP without it', async () => {
    const old = tls.connect({ ...address, rejectUnauthorized: false, maxVersion: 'TLSv1.2' });
    await expect(once(old, 'secureConnect')).rejects.toMatchObject({
      code: expect.stringContaining('PROTOCOL_VERSION') as string,
    });
    const plain = net.connect(address.port, address.host);
    plain.on('error', () => plain.destroy());
    plain.write('GET /v1/status HTTP/1.1\r\nHost: agent\r\n\r\n');
    let heard = '';
    plain.on('data', (chunk: Buffer) => (heard += chunk.toString('latin1')));
    await once(plain, 'close');
    expect(heard).not.toContain('HTTP/1.1');
  });
});

describe('finding 4: an address that is another’s now', () => {
  it('T77 with another certificate hears no ticket, and the learner hears why', async () => {
    await using other = await startAgent({ tls: true, keys: agent.keys });
    if (other.address.kind !== 'tls') throw new Error('it was to listen with TLS');
    const wrong = linkTo(ID, { ...other.address, pin: address.pin });
    const sentence =
      /^The sandbox gave an answer it may not give: its certificate is not the one it began with/;
    for (const act of [
      () => wrong.status(),
      () => wrong.claim(CLAIM),
      () => wrong.terminalSocket('1', 'write'),
      () => wrong.port(8888),
    ])
      await expect(act()).rejects.toMatchObject({
        ...misbehaved,
        message: expect.stringMatching(sentence) as string,
      });
  });

  it('T77 sends not one byte before the pin was compared', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'palestra-dial-'));
    const files = { key: join(folder, 'k'), cert: join(folder, 'c') };
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
        ...['-subj', '/CN=x', '-keyout', files.key, '-out', files.cert],
      ],
      { stdio: 'ignore' },
    );
    const heard: Buffer[] = [];
    const hostile = tls.createServer(
      { key: readFileSync(files.key), cert: readFileSync(files.cert) },
      (socket) => {
        socket.on('error', () => socket.destroy());
        socket.on('data', (chunk: Buffer) => heard.push(chunk));
      },
    );
    hostile.listen(0, '127.0.0.1');
    await once(hostile, 'listening');
    const { port } = hostile.address() as net.AddressInfo;
    const wrong = linkTo(ID, { kind: 'tls', host: '127.0.0.1', port, pin: address.pin });
    await expect(wrong.status()).rejects.toMatchObject(misbehaved);
    await expect(wrong.terminalSocket('1', 'read')).rejects.toMatchObject(misbehaved);
    expect(heard).toEqual([]);
    hostile.close();
    rmSync(folder, { recursive: true });
  });

  it('T77 that answers for another sandbox is no answer, with the right certificate too', async () => {
    const other = linkTo('z'.repeat(20), address);
    await expect(other.status()).rejects.toMatchObject({ code: 'not-signed-in' });
  });

  it('where nobody listens, or nobody speaks TLS, the sandbox does not answer', async () => {
    const silent = net
      .createServer((socket) => socket.resume().end('SSH-2.0-OpenSSH\r\n'))
      .listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as net.AddressInfo;
    await expect(dial({ ...address, port })).rejects.toMatchObject({ code: 'agent-unreachable' });
    silent.close();
    await once(silent, 'close');
    await expect(dial({ ...address, port })).rejects.toMatchObject({ code: 'agent-unreachable' });
  });
});

describe('finding 3: an agent that was started anew', () => {
  it('keeps its certificate, has another boot id, and is somebody’s no more', async () => {
    const before = await agent.link.status();
    const again = await agent.restart();
    agent = again;
    expect(again.address).toMatchObject({ kind: 'tls', pin: address.pin });
    const after = await again.link.status();
    expect(after.boot).not.toBe(before.boot);
    expect(after.sandbox).toBe(before.sandbox);
  });
});
