/** Bounds as the real agent holds them where the kernel does not. */
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { clientOn } from '../../sandboxes/link/terminal-client.ts';
import { startAgent } from '../testing/start-agent.ts';

const MiB = 1024 * 1024;

describe('limits', () => {
  it('T42 a memory hog ends, the shell and the learner are told, the terminal goes on', async () => {
    await using agent = await startAgent({
      config: { watch: { memory: 200 * MiB, disk: null, pids: null } },
    });
    const warnings: string[] = [];
    using _ = agent.link.events((event) => event.type === 'warning' && warnings.push(event.text));
    const client = clientOn(await agent.link.terminalSocket('1', 'write'));
    await client.untilIdle();
    client.type(`python3 -c "import time; x = bytearray(400_000_000); time.sleep(60)"\r`);
    await client.untilText('Killed');
    while (warnings.length === 0) await wait(20);
    expect(warnings[0]).toMatch(
      /^`python3.*` was ended: the sandbox used \d+ MiB of memory, and 200 MiB are its bound\.$/,
    );
    expect(await client.run('echo alive')).toContain('alive');
    await client.close();
  });

  it('T43 files beyond the bound: the writer ends and the learner is told', async () => {
    await using agent = await startAgent({ config: { watch: { memory: null, disk: 20 * MiB, pids: null } } });
    const warnings: string[] = [];
    using _ = agent.link.events((event) => event.type === 'warning' && warnings.push(event.text));
    const client = clientOn(await agent.link.terminalSocket('1', 'write'));
    await client.untilIdle();
    client.type('head -c 40000000 /dev/zero > big; sleep 30\r');
    while (warnings.length === 0) await wait(20);
    expect(warnings[0]).toContain('and 20 MiB are the bound. Remove something.');
    client.type('\x03');
    await client.untilIdle();
    expect((await agent.link.status()).usage.disk).toBeGreaterThan(20 * MiB);
    await client.close();
  });
});
