import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readFile } from 'node:fs/promises';
import { runInside } from '../../conformance.ts';
import type { Sandbox } from '../../driver.ts';
import { newId } from '../../ids.ts';
import { endTree, processName } from '../process.ts';
import { localSubject, type LocalSubject } from '../testing/local-subject.ts';

/** Says back what it hears, in capitals, once the other side has said all. */
function shouter(): Server {
  return createServer({ allowHalfOpen: true }, (socket) => {
    let heard = '';
    socket.on('data', (part: Buffer) => (heard += part.toString()));
    socket.on('end', () => socket.end(heard.toUpperCase()));
    socket.on('error', () => socket.destroy());
  });
}
const TALK = (name: string, words: string) => `python -c "
import socket
s = socket.socket(socket.AF_UNIX)
s.connect('/run/palestra/services/${name}.sock')
s.sendall(b'${words}' * 1000)
s.shutdown(socket.SHUT_WR)
heard = b''
while part := s.recv(65536): heard += part
print(len(heard), heard[:8].decode())" 2>&1 | tail -1`;

describe('services of a sandbox', () => {
  let server: Server;
  let subject: LocalSubject;
  let services: Record<string, { host: string; port: number }>;
  beforeEach(async () => {
    server = shouter().listen(0, '127.0.0.1');
    await once(server, 'listening');
    services = { shout: { host: '127.0.0.1', port: (server.address() as { port: number }).port } };
    subject = await localSubject({ services });
  });
  afterEach(async () => {
    await subject.close();
    server.close();
  });
  const claim = (names: readonly string[]) =>
    subject.driver.claim({ lab: newId(), kit: 'bare', services: names });
  const talk = async (sandbox: Sandbox, words: string) =>
    (await runInside(sandbox, TALK('shout', words))).stdout.trim();

  it('are reachable where they were declared, and nowhere else', async () => {
    const [with1, with2, without] = await Promise.all([claim(['shout']), claim(['shout']), claim([])]);
    expect(await talk(with1, 'hello world ')).toBe('12000 HELLO WO');
    expect(await talk(with2, 'ciao ')).toBe('5000 CIAO CIA');
    expect(await talk(without, 'x')).toContain('FileNotFoundError');
    expect(
      (
        await runInside(
          with1,
          'rm /run/palestra/services/shout.sock 2>&1; touch /run/palestra/services/x 2>&1',
        )
      ).stdout.match(/Read-only/g),
    ).toHaveLength(2);
  });

  it('have one forwarder, which outlives the server and is found again', async () => {
    const sandbox = await claim(['shout']);
    const pid = await forwarderPid();
    await subject.driver.close();
    expect(await talk(sandbox, 'still here ')).toBe('11000 STILL HE');
    const next = await localSubject({ place: subject.place, services });
    await next.driver.adopt();
    const another = await next.driver.claim({ lab: newId(), kit: 'bare', services: ['shout'] });
    expect(await talk(another, 'and here ')).toBe('9000 AND HERE');
    expect(await forwarderPid()).toBe(pid);
    await next.driver.close();
  });

  it('come back when their forwarder died', async () => {
    await claim(['shout']);
    const forwarder = await processName(await forwarderPid());
    if (forwarder !== null) await endTree(forwarder);
    expect(await talk(await claim(['shout']), 'again ')).toBe('6000 AGAIN AG');
  });

  it('that are down end the connection, and the forwarder goes on', async () => {
    const sandbox = await claim(['shout']);
    const { port } = services['shout'] ?? expect.fail();
    server.close();
    await once(server, 'close');
    expect(await talk(sandbox, 'x')).toMatch(/^0|Error/);
    server = shouter().listen(port, '127.0.0.1');
    await once(server, 'listening');
    expect(await talk(sandbox, 'hello world ')).toBe('12000 HELLO WO');
  });

  it('that nobody set up are refused with a sentence, and the sandbox is not kept', async () => {
    await expect(claim(['nonesuch'])).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('nonesuch') as string,
    });
    expect(await subject.driver.list()).toEqual([]);
    expect(await readdir(subject.folders.sandboxes)).toEqual([]);
  });

  async function forwarderPid(): Promise<number> {
    const file = await readFile(join(subject.folders.services, 'shout.json'), 'utf8');
    return z.object({ process: z.object({ pid: z.number() }) }).parse(JSON.parse(file)).process.pid;
  }
});
