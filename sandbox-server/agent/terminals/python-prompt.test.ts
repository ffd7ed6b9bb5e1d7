/** Blocks typed at a real Python's prompt: statement by statement, to the first that raises. */
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TerminalClient } from '../../sandboxes/link/terminal-client.ts';
import { clientOn } from '../../sandboxes/link/terminal-client.ts';
import { startAgent } from '../testing/start-agent.ts';
import type { StartedAgent } from '../testing/start-agent.ts';
import { typeBlock } from '../testing/type-block.ts';
import { statementsOf } from './python-block.ts';

const PATH = process.env['PATH'] ?? '';
let agent: StartedAgent;
beforeAll(async () => {
  agent = await startAgent();
});
afterAll(async () => {
  expect(agent.said()).toBe('');
  await agent.stop();
});

async function python(name: string): Promise<TerminalClient> {
  const client = clientOn(await agent.link.terminalSocket(name, 'write'));
  await client.untilIdle();
  await typed(client, name, 'python3');
  return client;
}
const typed = (client: TerminalClient, terminal: string, code: string, repl?: 'python') =>
  typeBlock(agent, client, { terminal, code, ...(repl === undefined ? {} : { in: repl }) });

describe('a block of Python', () => {
  it('is split where Python ends its statements', async () => {
    const block =
      '# what follows\nx = [\n  1,\n\n  2,\n]\n\n@print\ndef f():\n    """a\n\n    b"""\n\n    return x  # y\nf';
    expect(await statementsOf(block, PATH)).toEqual([
      'x = [\n  1,\n  2,\n]',
      '@print\ndef f():\n    """a\n\n    b"""\n    return x  # y\n',
      'f',
    ]);
  });
  it('that Python cannot read is one piece, for its prompt to say why', async () => {
    expect(await statementsOf('x = = 1', PATH)).toEqual(['x = = 1\n']);
  });
  it('of remarks alone has nothing to type', async () => {
    expect(await statementsOf('# only this', PATH)).toEqual([]);
  });
});

describe('a Python prompt', () => {
  it('ends the command that brought it, and leaves what a block defined', async () => {
    const client = await python('a');
    expect(client.prompt).toEqual({ state: 'idle', repl: 'python' });
    const block =
      'import math\ndef area(r):\n    a = math.pi * r**2\n\n    return a\n\nfor r in (1, 2):\n    print(round(area(r), 2))\n';
    const { text, commands } = await typed(client, 'a', block, 'python');
    expect(text).toMatch(/3\.14\s+12\.57/);
    expect(commands.map(([, exit]) => exit)).toEqual([0, 0, 0]);
    expect((await typed(client, 'a', 'round(area(3))', 'python')).text).toContain('28');
    await client.close();
  });

  it('stops at the first statement that raises, and says which', async () => {
    const client = await python('b');
    const { text, commands } = await typed(client, 'b', 'x = 1\n1 / 0\nprint("nev" + "er")', 'python');
    expect(text).toContain('ZeroDivisionError');
    expect(text).not.toContain('never');
    expect(commands).toEqual([
      ['x = 1', 0],
      ['1 / 0', 1],
    ]);
    // the same again raises again; what comes after it does not
    expect((await typed(client, 'b', '1 / 0', 'python')).commands).toEqual([['1 / 0', 1]]);
    expect((await typed(client, 'b', 'x', 'python')).commands).toEqual([['x', 0]]);
    expect((await typed(client, 'b', 'x = = 1', 'python')).commands.map(([, exit]) => exit)).toContain(1);
    await client.close();
  });

  it('tells what was typed by hand', async () => {
    const client = await python('c');
    client.type('y = 20 + 1\r');
    await client.until(
      () => client.messages.some((one) => one.type === 'command' && one.line === 'y = 20 + 1'),
      'the statement',
    );
    await client.close();
  });

  it('takes no shell command, and a shell no Python', async () => {
    const client = await python('d');
    await expect(agent.link.type({ terminal: 'd', code: 'ls' })).rejects.toThrow(
      /Python prompt stands in terminal d/,
    );
    await expect(agent.link.type({ terminal: 'e', code: 'x = 1', in: 'python' })).rejects.toThrow(
      /Start python3 there first/,
    );
    await client.close();
  });

  it('ends by stop, and the shell is there again', async () => {
    const client = await python('f');
    await agent.link.stop('f');
    await client.until(() => client.prompt.state === 'idle' && client.prompt.repl === undefined, 'the shell');
    expect(await client.run('echo "back $((1 + 1))"')).toContain('back 2');
    await client.close();
  });

  it('T64 a program that prints its marks without the secret is not believed', async () => {
    const client = await python('g');
    const block = `print("\\033]633;E;rm;x\\a\\033]133;C;0;x\\a\\033]133;D;1;x\\a")`;
    const { commands } = await typed(client, 'g', block, 'python');
    expect(commands.map(([, exit]) => exit)).toEqual([0]);
    await client.close();
  });

  it('leaves no name of ours in the learner’s session', async () => {
    const client = await python('h');
    const { text } = await typed(client, 'h', 'sorted(n for n in dir() if "palestra" in n)', 'python');
    expect(text).toContain('[]');
    await client.close();
  });
});

it('is tried with a Python that has line editing', () => {
  expect(() => execFileSync('python3', ['-c', 'import readline'])).not.toThrow();
});
