/** Services lent to local sandboxes: by their sockets first, then by name through the real agent, as a learner sees them. */
import { once } from 'node:events';
import { readFile, readdir } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { TinyService } from '../../../services/testing/tiny-service.ts';
import type { AgentLink } from '../../agent-link.ts';
import { runInside } from '../../conformance.ts';
import type { Lending, Sandbox } from '../../driver.ts';
import { newId } from '../../ids.ts';
import { createLinks, temporaryTicketKeys } from '../../link/index.ts';
import { tinyLending } from '../../testing/tiny-lending.ts';
import { endTree, processName } from '../process.ts';
import { AGENT } from '../runtime.ts';
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
const TALK = (port: number, words: string) => `python -c "
import socket
s = socket.socket(socket.AF_UNIX)
s.connect('/run/palestra/services/shout.test_${port}.sock')
s.sendall(b'${words}' * 1000)
s.shutdown(socket.SHUT_WR)
heard = b''
while part := s.recv(65536): heard += part
print(len(heard), heard[:8].decode())" 2>&1 | tail -1`;

describe('services of a sandbox', () => {
  let servers: Server[];
  let subject: LocalSubject;
  let shout: Lending;
  beforeEach(async () => {
    servers = [shouter(), createServer((socket) => socket.end('whisper'))];
    for (const server of servers) await once(server.listen(0, '127.0.0.1'), 'listening');
    const [loud = 0, soft = 0] = servers.map((server) => (server.address() as { port: number }).port);
    shout = {
      name: 'shout',
      endpoints: [
        { host: 'shout.test', port: 7001, to: { host: '127.0.0.1', port: loud } },
        { host: 'shout.test', port: 7002, to: { host: '127.0.0.1', port: soft } },
      ],
      ca: null,
    };
    subject = await localSubject();
  });
  afterEach(async () => {
    await subject.close();
    for (const server of servers) server.close();
  });
  const claim = async (...services: Lending[]): Promise<Sandbox> => {
    const lab = newId();
    const sandbox = await subject.driver.claim({ lab, kit: 'bare' });
    if (services.length > 0) await subject.driver.lend(lab, services);
    return sandbox;
  };
  const talk = async (sandbox: Sandbox, words: string, port = 7001) =>
    (await runInside(sandbox, TALK(port, words))).stdout.trim();

  it('are reachable where they were lent, each endpoint its own, and nowhere else', async () => {
    const [with1, with2, without] = await Promise.all([claim(shout), claim(shout), claim()]);
    expect(await talk(with1, 'hello world ')).toBe('12000 HELLO WO');
    expect(await talk(with2, 'ciao ')).toBe('5000 CIAO CIA');
    expect(await talk(with1, 'x', 7002)).toBe('7 whisper');
    expect(await talk(without, 'x')).toContain('FileNotFoundError');
    const { stdout } = await runInside(
      with1,
      'cd /run/palestra/services; rm shout.test_7001.sock 2>&1; touch x 2>&1',
    );
    expect(stdout.match(/Read-only/g)).toHaveLength(2);
  });

  it('answer what the agent is to be told; the same again changes nothing; none takes them away', async () => {
    const sandbox = await claim();
    const lab = sandbox.lab ?? '';
    const first = await subject.driver.lend(lab, [shout]);
    expect(first).toEqual({
      endpoints: [7001, 7002].map((port) => ({
        service: 'shout',
        host: 'shout.test',
        port,
        socket: `/run/palestra/services/shout.test_${port}.sock`,
      })),
      env: {},
    });
    const pid = await forwarderPid();
    expect(await subject.driver.lend(lab, [shout])).toEqual(first);
    expect(await forwarderPid()).toBe(pid);
    expect(await talk(sandbox, 'hello world ')).toBe('12000 HELLO WO');
    expect(await subject.driver.lend(lab, [])).toEqual({ endpoints: [], env: {} });
    expect(await talk(sandbox, 'x')).toContain('FileNotFoundError');
    await expect(subject.driver.lend(newId(), [shout])).rejects.toMatchObject({ code: 'sandbox-gone' });
  });

  it('have one forwarder, which outlives the server and is found again', async () => {
    const sandbox = await claim(shout);
    const pid = await forwarderPid();
    await subject.driver.close();
    expect(await talk(sandbox, 'still here ')).toBe('11000 STILL HE');
    const next = await localSubject({ place: subject.place });
    await next.driver.adopt();
    const another = await next.driver.claim({ lab: newId(), kit: 'bare' });
    await next.driver.lend(another.lab ?? '', [shout]);
    expect(await talk(another, 'and here ')).toBe('9000 AND HERE');
    expect(await forwarderPid()).toBe(pid);
    await next.driver.close();
  });

  it('come back by themselves when their forwarder died, in the sandbox that had them', async () => {
    const sandbox = await claim(shout);
    const forwarder = await processName(await forwarderPid());
    if (forwarder !== null) await endTree(forwarder);
    await expect
      .poll(() => talk(sandbox, 'again '), { timeout: 15_000, interval: 200 })
      .toBe('6000 AGAIN AG');
  });

  it('that moved are followed', async () => {
    const sandbox = await claim(shout);
    const [loud = expect.fail(), soft = expect.fail()] = shout.endpoints;
    const moved = { ...shout, endpoints: [{ ...loud, to: soft.to }, soft] };
    await subject.driver.lend(sandbox.lab ?? '', [moved]);
    expect(await talk(sandbox, 'x')).toBe('7 whisper');
  });

  it('that are down end the connection, and the forwarder goes on', async () => {
    const sandbox = await claim(shout);
    const [server = expect.fail()] = servers;
    const port = shout.endpoints[0]?.to.port ?? 0;
    server.close();
    await once(server, 'close');
    expect(await talk(sandbox, 'x')).toMatch(/^0|Error/);
    servers[0] = shouter().listen(port, '127.0.0.1');
    await once(servers[0], 'listening');
    expect(await talk(sandbox, 'hello world ')).toBe('12000 HELLO WO');
  });

  it('whose certificates are not there are refused with a sentence', async () => {
    const sandbox = await claim();
    const lending = subject.driver.lend(sandbox.lab ?? '', [{ ...shout, ca: '/nowhere/ca.pem' }]);
    await expect(lending).rejects.toMatchObject({
      code: 'unavailable',
      message: 'The service shout has no certificates yet. Press Start to try again.',
    });
  });

  it('leave nothing behind with their sandbox', async () => {
    const sandbox = await claim(shout);
    await subject.driver.release(sandbox.lab ?? '');
    expect((await readdir(subject.place.sockets)).filter((name) => !name.startsWith('service-'))).toEqual([]);
  });

  async function forwarderPid(): Promise<number> {
    const file = await readFile(join(subject.folders.services, 'shout.json'), 'utf8');
    return z.object({ process: z.object({ pid: z.number() }) }).parse(JSON.parse(file)).process.pid;
  }
});

describe('a service as a learner sees it', () => {
  const keys = temporaryTicketKeys();
  const linkTo = createLinks({ sign: keys.sign });
  const opened = new AsyncDisposableStack();
  let tiny: TinyService;
  let lending: Lending;
  let subject: LocalSubject;
  beforeAll(async () => {
    ({ tiny, lending } = await tinyLending(opened));
    subject = await localSubject({
      agent: AGENT,
      trust: { keys: [...keys.publicKeys()] },
      hosts: [tiny.host],
    });
  }, 60_000);
  afterAll(async () => {
    await subject?.close();
    await opened.disposeAsync();
  });
  const given = async (...services: Lending[]): Promise<{ link: AgentLink; lab: string }> => {
    const lab = newId();
    const link = linkTo(await subject.driver.claim({ lab, kit: 'bare' }));
    await link.claim({ lab, user: 'ada', fullName: 'Ada', seed: '0123456789abcdef', env: {} });
    if (services.length > 0) await link.services(await subject.driver.lend(lab, services));
    return { link, lab };
  };
  const run = async (link: AgentLink, code: string) => {
    const { stdout, stderr } = await link.run({ lang: 'bash', code, timeout: 20, fixtures: [], env: {} });
    return `${stdout}${stderr}`.trim();
  };
  const CURL = 'curl -sS --max-time 10 -H "X-User: $USER" https://shop.tiny.test:31447/';

  it('its name and port, a certificate that verifies, and nothing said of authorities', async () => {
    const { link } = await given(lending);
    expect(await run(link, CURL)).toBe('bread for ada');
    expect(
      await run(
        link,
        'python -c "import urllib.request as u; print(u.urlopen(\'https://shop.tiny.test:31447/\').read().decode())"',
      ),
    ).toBe('bread for all');
    // grid tools look in a folder, by the subject's hash
    expect(
      await run(
        link,
        'openssl s_client -CApath $X509_CERT_DIR -verify_return_error -verify_hostname shop.tiny.test -connect shop.tiny.test:31447 </dev/null 2>&1 | grep -c "Verify return code: 0"',
      ),
    ).toMatch(/^[1-9]/);
    expect(await run(link, 'stat -c %a $SSL_CERT_FILE; touch $SSL_CERT_FILE 2>&1')).toMatch(
      /^644\n.*(Read-only|Permission denied)/,
    );
    // the system's own authorities are in the bundle too
    expect(Number(await run(link, 'grep -c BEGIN $SSL_CERT_FILE'))).toBeGreaterThan(1);
  });

  it('without that authority its certificate is refused', async () => {
    const { link } = await given(lending);
    expect(await run(link, `env -u CURL_CA_BUNDLE -u SSL_CERT_FILE ${CURL}`)).toContain('certificate');
  });

  it('refused in a sandbox that was not lent it, and in one whose next lesson does not name it', async () => {
    const { link: without } = await given();
    expect(await run(without, CURL)).toMatch(/Connection refused|Failed to connect|Couldn't connect/);
    const { link, lab } = await given(lending);
    expect(await run(link, CURL)).toBe('bread for ada');
    await link.services(await subject.driver.lend(lab, []));
    expect(await run(link, CURL)).toMatch(/Connection refused|Failed to connect|Couldn't connect/);
    expect(await run(link, 'ls /run/palestra/services; echo "<$SSL_CERT_FILE>"')).toBe('certificates\n<>');
  });

  it('and nothing else of the machine: not the service’s own port, not another of ours', async () => {
    const { link } = await given(lending);
    expect(
      await run(
        link,
        `for at in 127.0.0.1:${tiny.port} 10.0.0.1:31447; do curl -sk --max-time 3 https://$at/ && echo reached; done; echo over`,
      ),
    ).toBe('over');
  });
});
