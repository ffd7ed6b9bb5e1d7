import { readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ask, conformance, until } from '../conformance.ts';
import { newId } from '../ids.ts';
import { createMemoryDriver } from './driver.ts';
import { answers } from '../agent-process/answers.ts';
import { unixPath } from '../conformance.ts';

const agent = new URL('../testing/bare-agent.ts', import.meta.url).pathname;
const trust = { keys: ['AAAA'] };

conformance('memory', async () => {
  const driver = await createMemoryDriver({ trust, agent });
  return {
    driver,
    kit: 'base',
    kill: (sandbox) =>
      ask(sandbox, '/die').then(
        () => undefined,
        () => undefined,
      ),
    close: () => driver.close(),
  };
});

describe('memory', () => {
  it('leaves no process and no folder behind', async () => {
    const driver = await createMemoryDriver({ trust, agent });
    const sandbox = await driver.claim({ lab: newId(), kit: 'base' });
    const folder = unixPath(sandbox).replace(/\/[^/]+\/agent\.sock$/, '');
    await driver.close();
    expect(await answers(sandbox.agent, 1_000)).toBe(false);
    await expect(readdir(folder)).rejects.toThrow('ENOENT');
  });

  it('what an agent makes for itself lies in the folder of its sandbox, and goes with it', async () => {
    const driver = await createMemoryDriver({ trust: { keys: [] } });
    onTestFinished(() => driver.close());
    const lab = newId();
    const place = dirname(unixPath(await driver.claim({ lab, kit: 'base' })));
    expect((await readdir(place)).filter((name) => name.startsWith('palestra-agent-'))).toHaveLength(1);
    await driver.release(lab);
    await expect(readdir(place)).rejects.toThrow('ENOENT');
  });

  it('tells of a warm sandbox that cannot be started, and hands a claim its failure', async () => {
    const told: string[] = [];
    const driver = await createMemoryDriver({
      trust,
      agent: '/nowhere/agent.ts',
      onTrouble: (what) => told.push(what),
    });
    driver.keepWarm('base', 1);
    await until(() => told.length > 0);
    expect(told[0]).toBe('keeping a base sandbox warm');
    await expect(driver.claim({ lab: newId(), kit: 'base' })).rejects.toThrow(/the agent ended/);
    await driver.close();
  });
});
