/** Blocks typed for the learner: at an idle prompt, to the first failing line, leaving the shell as if typed by hand. */
import fs from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAgent } from '../testing/start-agent.ts';
import type { StartedAgent } from '../testing/start-agent.ts';
import { typeBlock } from '../testing/type-block.ts';
import { clientOn } from '../../sandboxes/link/terminal-client.ts';
import type { TerminalClient } from '../../sandboxes/link/terminal-client.ts';

let agent: StartedAgent;
beforeAll(async () => {
  agent = await startAgent();
});
afterAll(async () => {
  expect(agent.said()).toBe('');
  await agent.stop();
});

async function idle(name: string): Promise<TerminalClient> {
  const client = clientOn(await agent.link.terminalSocket(name, 'write'));
  await client.untilIdle();
  return client;
}
async function typed(client: TerminalClient, terminal: string, code: string) {
  const { text, commands } = await typeBlock(agent, client, { terminal, code });
  return { text, exits: commands.map(([, exit]) => exit) };
}

describe('type', () => {
  it('leaves cd, exports and functions behind, heredocs and comments included', async () => {
    const client = await idle('a');
    const block =
      'mkdir -p deep && cd deep\nexport COLOUR=blue # a comment\n# another\ncat > poem <<EOF\nroses are\n  $COLOUR\nEOF\nshow() {\n  cat poem\n}\nshow';
    expect((await typed(client, 'a', block)).text).toContain('roses are\n  blue');
    expect(await client.run('echo $COLOUR ${PWD##*/}')).toContain('blue deep');
    expect(await fs.readFile(join(agent.home, 'deep/poem'), 'utf8')).toBe('roses are\n  blue\n');
    await client.close();
  });

  it('stops at the first failing line and says its status', async () => {
    const client = await idle('b');
    const { text, exits } = await typed(client, 'b', 'echo one\nls /nowhere-at-all\necho nev""er');
    expect(text).toContain('one');
    expect(text).not.toContain('never');
    expect(exits).toEqual([0, 2]);
    expect(
      (await typed(client, 'b', 'if false; then echo n; else echo y; fi\nfalse || true\necho rea""ched'))
        .text,
    ).toContain('reached');
    await client.close();
  });

  it('is busy from the first line to the last, never idle in between', async () => {
    const client = await idle('c');
    const before = client.messages.length;
    await typed(client, 'c', 'sleep 0.1\nsleep 0.1\ntrue');
    const states = client.messages
      .slice(before)
      .flatMap((one) => (one.type === 'prompt' ? [one.prompt.state] : []));
    expect(states.indexOf('idle')).toBe(states.length - 1);
    await client.close();
  });

  it('is refused while a program runs, with its name; a Python prompt is left alone', async () => {
    const client = await idle('d');
    client.type('python3 -q\r');
    await client.untilText('>>> ');
    const refusal = agent.link.type({ terminal: 'd', code: 'ls' });
    await expect(refusal).rejects.toMatchObject({
      code: 'busy',
      details: { terminal: 'd', command: 'python3' },
    });
    client.type('print(6*7)\r');
    await client.untilText('42');
    client.type('exit()\r');
    await client.untilIdle();
    await client.close();
  });

  it('without a name goes to the first free terminal, opened if need be', async () => {
    const first = await agent.link.type({ code: 'sleep 30' });
    expect(first.terminal).toBe('1');
    expect((await agent.link.type({ code: 'sleep 31' })).terminal).toBe('2');
    await agent.link.stop('1');
    expect((await agent.link.type({ code: 'echo free' })).terminal).toBe('1');
    await agent.link.stop('2');
    const client = clientOn(await agent.link.terminalSocket('2', 'read'), { mode: 'read' });
    await client.untilText('^C');
    await client.close();
  });

  it('gives way to nothing half-typed: the line is left on the screen and a new prompt is used', async () => {
    const client = await idle('e');
    client.type('rm -rf precious');
    await client.untilText('precious');
    const { text } = await typed(client, 'e', 'echo safe');
    expect(text).toContain('^C');
    expect(text).toContain('\nsafe');
    client.type('echo "open\r');
    await client.untilText('> ');
    expect((await typed(client, 'e', 'echo safe""ly')).text).toContain('safely');
    await client.close();
  });

  it('Ctrl-C ends a block; so does the end of its shell', async () => {
    const client = await idle('f');
    await agent.link.type({ terminal: 'f', code: 'sleep 30\necho nev""er' });
    await client.until(() => client.text.includes('sleep 30'));
    await agent.link.stop('f');
    expect(client.text).not.toContain('never');
    await agent.link.type({ terminal: 'f', code: 'exit 4\necho nev""er' });
    await client.until(() => client.prompt.state === 'exited');
    expect((await agent.link.type({ terminal: 'f', code: 'echo new' })).terminal).toBe('f');
    await client.until(() => /\nnew\n/.test(client.plain));
    expect(client.text).not.toContain('never');
    await client.close();
  });

  it('F11 two at once on one terminal: one is typed, one is refused', async () => {
    const client = await idle('g');
    const both = await Promise.allSettled(
      [1, 2].map((n) => agent.link.type({ terminal: 'g', code: `sleep 0.2; echo run-${n}` })),
    );
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await client.until(() => /\nrun-[12]\n/.test(client.plain));
    await client.close();
  });

  it('survives what a learner may do to their shell', async () => {
    await fs.writeFile(join(agent.home, '.bashrc'), 'PS1="mine> "\nPROMPT_COMMAND="true"\nset -o vi\n');
    const client = await idle('h');
    expect(client.text).toContain('mine> ');
    expect((await typed(client, 'h', 'echo one\nfor i in 1 2; do\n  echo two-$i\ndone')).text).toContain(
      'two-2',
    );
    await client.run('set -x; PS1="other> "; bind "set enable-bracketed-paste off"');
    expect((await typed(client, 'h', 'echo one\nfor i in 1 2; do\n  echo three-$i\ndone')).text).toContain(
      'three-2',
    );
    await fs.rm(join(agent.home, '.bashrc'));
    await client.close();
  });
});
