/** Terminals of the real agent, over its socket: what a learner and their tabs meet. */
import { createHash } from 'node:crypto';
import fs from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startAgent } from '../testing/start-agent.ts';
import type { StartedAgent } from '../testing/start-agent.ts';
import { clientOn, plain } from '../../sandboxes/link/terminal-client.ts';
import type { ClientOptions, TerminalClient } from '../../sandboxes/link/terminal-client.ts';

let agent: StartedAgent;
const used: string[] = [];
const fresh = (): string => {
  const name = `t${used.length}`;
  used.push(name);
  return name;
};

async function attach(name: string, options: ClientOptions = {}): Promise<TerminalClient> {
  return clientOn(await agent.link.terminalSocket(name, options.mode ?? 'write'), options);
}
async function idle(name = fresh(), options: ClientOptions = {}): Promise<TerminalClient> {
  const client = await attach(name, options);
  await client.untilIdle();
  return client;
}
const sha = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

beforeAll(async () => {
  agent = await startAgent();
});
/** only sixteen terminals fit */
afterEach(async () => {
  for (const name of used.slice(-3)) await agent.link.closeTerminal(name).catch(() => undefined);
});
afterAll(async () => {
  expect(agent.said()).toBe('');
  await agent.stop();
});

describe('a terminal', () => {
  it('greets with the prompt of the claim, runs a command and tells how it ended', async () => {
    const client = await idle();
    expect(client.welcome).toMatchObject({
      start: 0,
      end: 0,
      dropped: 0,
      writer: true,
      size: { cols: 80, rows: 24 },
    });
    expect(await client.run('echo "$USER $PALESTRA_SEED"; (exit 3)')).toContain('st07 0123456789abcdef');
    expect(client.text).toContain('st07@lab');
    expect(client.messages.filter(({ type }) => type === 'command')).toMatchObject([
      { line: 'echo "$USER $PALESTRA_SEED"; (exit 3)', exit: 3 },
    ]);
    await client.close();
  });

  it('says busy with the command while it runs', async () => {
    const client = await idle();
    const command = `sh -c 'echo run"ning"; sleep 30'`;
    client.type(`${command}\r`);
    await client.until(() => client.prompt.state === 'busy');
    expect(client.prompt).toMatchObject({ state: 'busy', command });
    // not before the program itself answers: a moment earlier the shell takes the key, and starts it all the same
    await client.untilText('running');
    client.type('\x03');
    await client.untilIdle();
    await client.close();
  });

  it('T74 Ctrl-C ends a program, Ctrl-Z and fg work', async () => {
    const client = await idle();
    // not before cat itself answers: a moment earlier the shell would take the key
    client.type('cat\r');
    await client.until(() => client.prompt.state === 'busy');
    client.type('here\r');
    await client.untilText('here\r\nhere');
    client.type('\x1a');
    await client.untilText('Stopped');
    await client.untilIdle();
    client.type('fg\r');
    await client.until(() => client.prompt.state === 'busy');
    client.type('again\r');
    // the echo, cat's copy, and somewhere between them what fg says
    await client.until(() => client.plain.split('again\n').length === 3);
    client.type('\x03');
    await client.untilIdle();
    expect(await client.run('echo $?')).toContain('130');
    await client.close();
  });

  it('does not take for a prompt what a program prints', async () => {
    const client = await idle();
    client.type(`printf '\\033]133;D;0\\a\\033]133;A\\a\\033]133;B\\a\\033]133;B;0\\a'; sleep 30\r`);
    await client.until(() => client.prompt.state === 'busy');
    await wait(150);
    expect(client.prompt.state).toBe('busy');
    client.type('\x03');
    await client.untilIdle();
    await client.close();
  });

  it('has the size of its writer, with each change at its place', async () => {
    const client = await idle(fresh(), { size: { cols: 100, rows: 40 } });
    expect(await client.run('stty size')).toContain('40 100');
    client.say({ type: 'resize', size: { cols: 90, rows: 20 } });
    await client.until(() =>
      client.messages.some((message) => message.type === 'resize' && message.size.cols === 90),
    );
    expect(await client.run('stty size')).toContain('20 90');
    await client.close();
  });

  it('gives the shell no descriptor of the agent', async () => {
    const client = await idle();
    expect(plain(await client.run('ls -l /proc/self/fd | grep -c socket:'))).toContain('\n0\n');
    await client.close();
  });

  it('ends with a status, keeps its log, and a new hello starts a new shell in it', async () => {
    const name = fresh();
    const client = await idle(name);
    await client.run('echo before');
    client.type('exit 3\r');
    await client.until(() => client.messages.some(({ type }) => type === 'exit'));
    expect(client.messages.find(({ type }) => type === 'exit')).toEqual({ type: 'exit', code: 3 });
    await client.until(() => client.prompt.state === 'exited');
    await client.close();
    const again = await idle(name);
    expect(again.messages.filter(({ type }) => type === 'exit')).toEqual([{ type: 'exit', code: 3 }]);
    expect(again.text).toContain('before');
    expect(await again.run('echo after')).toContain('after');
    await again.close();
  });

  it('is gone with its log once closed', async () => {
    const name = fresh();
    const client = await idle(name);
    await agent.link.closeTerminal(name);
    expect((await client.untilClosed()).code).toBe(4000);
    await expect(fs.readdir(join(agent.logs, name))).rejects.toThrow('ENOENT');
    await expect(agent.link.closeTerminal(name)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('keeps finished commands in $PALESTRA_COMMANDS, without their output', async () => {
    const client = await idle();
    await client.run('echo "a; b"   # c');
    await client.run('false');
    const text = await client.run('cat $PALESTRA_COMMANDS');
    expect(text).toContain('{"line":"echo \\"a; b\\"   # c","exit":0,"startedAt":');
    expect(text).toContain('"line":"false","exit":1');
    await client.close();
  });
});

describe('exactness', () => {
  it('F4 cut at every byte of a recorded session, the rest is byte-identical', async () => {
    const name = fresh();
    const first = await idle(name);
    await first.run(`printf '\\303\\251\\342\\202\\254 \\033[31mred\\033[0m\\n'; seq 1 5`);
    const whole = first.bytes;
    const end = first.offset;
    await first.close();
    expect(whole.length).toBe(end);
    const resume = async (from: number): Promise<void> => {
      const client = await attach(name, { from, mode: 'read' });
      await client.until(() => client.welcome !== null && client.offset >= end);
      expect(client.welcome?.start).toBe(from);
      expect(client.bytes.equals(whole.subarray(from)), `from ${from}`).toBe(true);
      await client.close();
    };
    // some at a time: sixteen may look at one terminal
    for (let from = 0; from <= end; from += 10) {
      await Promise.all(Array.from({ length: Math.min(10, end + 1 - from) }, (_, i) => resume(from + i)));
    }
  });

  it('F4 F7 a flood cut again and again arrives whole, without a byte twice', async () => {
    const name = fresh();
    let client = await idle(name);
    client.type(`head -c 3000000 /dev/urandom | base64 -w 75; echo END-OF-$((1+1))\r`);
    const parts: Buffer[] = [];
    let from = 0;
    for (let cuts = 0; ; cuts += 1) {
      const before = client;
      const enough = before.offset + 100_000 + cuts * 40_000;
      await before.until(() => before.offset > enough || before.text.includes('END-OF-2'));
      parts.push(before.bytes);
      from = before.offset;
      if (before.text.includes('END-OF-2')) break;
      before.cut();
      client = await attach(name, { from });
    }
    await client.close();
    expect(parts.length).toBeGreaterThan(5);
    const replay = await attach(name, { from: 0, mode: 'read' });
    await replay.until(() => replay.offset >= from);
    expect(sha(replay.bytes.subarray(0, from))).toBe(sha(Buffer.concat(parts)));
    await replay.close();
  });

  it('F6 fifty reconnects in a second are one pty', async () => {
    const name = fresh();
    const first = await idle(name);
    await first.run('echo $$ > pid');
    first.cut();
    const clients = await Promise.all(Array.from({ length: 12 }, () => attach(name)));
    for (const client of clients) client.cut();
    for (let i = 0; i < 38; i += 1) (await attach(name)).cut();
    const last = await idle(name, { from: -1 });
    expect(await last.run('[ $$ = $(cat pid) ] && echo sa""me')).toContain('same');
    const terminals = await agent.link.terminals();
    expect(terminals.filter((one) => one.name === name)).toHaveLength(1);
    await last.close();
  });

  it('from -1 begins at a line near the end', async () => {
    const name = fresh();
    const first = await idle(name);
    await first.run('seq -w 1 100000');
    const end = first.offset;
    const client = await attach(name, { from: -1, mode: 'read' });
    await client.until(() => client.offset >= end);
    expect(end - (client.welcome?.start ?? 0)).toBeLessThan(205 * 1024);
    expect(end - (client.welcome?.start ?? 0)).toBeGreaterThan(150 * 1024);
    expect(client.text).toMatch(/^\d{6}\r\n/);
    expect(client.welcome?.dropped).toBe(0);
    await Promise.all([client.close(), first.close()]);
  });

  it('a client ahead of the log is told where it really ends', async () => {
    const name = fresh();
    const first = await idle(name);
    const client = await attach(name, { from: first.offset + 1_000_000, mode: 'read' });
    await client.until(() => client.welcome !== null);
    expect(client.welcome?.start).toBe(client.welcome?.end);
    await Promise.all([client.close(), first.close()]);
  });
});

describe('writer and viewers', () => {
  it('the newest to write is the writer; the former is told and its keys are ignored', async () => {
    const name = fresh();
    const first = await idle(name);
    const second = await idle(name);
    await first.until(() => first.messages.some((message) => message.type === 'writer' && !message.writer));
    first.type('echo from-the-fir""st\r');
    expect(await second.run('echo from-the-second')).not.toContain('from-the-first');
    first.say({ type: 'take' });
    await second.until(() => second.messages.some((message) => message.type === 'writer' && !message.writer));
    expect(await first.run('echo mine')).toContain('mine');
    await first.close();
    await second.until(() => second.prompt.state === 'idle');
    await second.close();
  });

  it('a viewer sees everything and changes nothing, whatever it says', async () => {
    const name = fresh();
    const writer = await idle(name);
    const viewer = await attach(name, { mode: 'read', size: { cols: 20, rows: 5 } });
    await viewer.until(() => viewer.welcome !== null);
    expect(viewer.welcome?.writer).toBe(false);
    viewer.type('echo vie""wer\r');
    viewer.say({ type: 'take' });
    viewer.say({ type: 'resize', size: { cols: 20, rows: 5 } });
    expect(await writer.run('stty size')).toContain('24 80');
    await viewer.untilText('24 80');
    expect(viewer.text).not.toContain('viewer');
    await Promise.all([viewer.close(), writer.close()]);
  });

  it('when the writer leaves, another tab that wrote before does again', async () => {
    const name = fresh();
    const first = await idle(name);
    const second = await attach(name, { mode: 'read' });
    const third = await idle(name);
    await third.close();
    first.say({ type: 'take' });
    await first.until(() => first.writer);
    expect(await first.run('echo again')).toContain('again');
    await Promise.all([first.close(), second.close()]);
  });

  it('a slow viewer skips ahead and never holds the program back', async () => {
    const name = fresh();
    const writer = await idle(name, { keep: false });
    const viewer = await attach(name, { mode: 'read', rate: 400_000, keep: false });
    await viewer.until(() => viewer.welcome !== null);
    writer.type('seq 1 400000\r');
    await writer.until(() => writer.messages.some(({ type }) => type === 'command'), 'the end of seq');
    await viewer.until(() => viewer.messages.some(({ type }) => type === 'skip'), 'a skip');
    await viewer.until(() => viewer.offset >= writer.offset, 'the viewer to catch up');
    await Promise.all([viewer.close(), writer.close()]);
  });

  it('only so many may look at one terminal', async () => {
    const name = fresh();
    const clients = [await idle(name)];
    for (let i = 1; i < 16; i += 1) clients.push(await attach(name, { mode: 'read' }));
    await expect(attach(name, { mode: 'read' })).rejects.toMatchObject({ code: 'limit' });
    await Promise.all(clients.map((client) => client.close()));
    await agent.link.closeTerminal(name);
  });
});
