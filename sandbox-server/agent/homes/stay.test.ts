import fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createKeptHome } from './kept-home.ts';
import { stayForSave } from './stay.ts';

/** whether it stays, told apart by a stay that would never end in this test */
async function stays(changed: boolean, claimed: boolean): Promise<boolean> {
  const staying = stayForSave({ changed: () => Promise.resolve(changed) }, claimed, 10_000).then(
    () => 'over',
  );
  return (await Promise.race([staying, wait(50).then(() => 'stays')])) === 'stays';
}

describe('an agent whose pod is to end', () => {
  it('stays where its home is not as its server knows it: somebody else asked for this end', async () => {
    expect(await stays(true, true)).toBe(true);
  });
  it('goes at once where all was saved, or nobody has a home in it', async () => {
    expect(await stays(false, true)).toBe(false);
    expect(await stays(true, false)).toBe(false);
  });
  it('goes once its server has saved', async () => {
    let looks = 0;
    const home = { changed: () => Promise.resolve((looks += 1) < 3) };
    await stayForSave(home, true, 10_000);
    expect(looks).toBe(3);
  });
  it('goes in the end, also where no server comes', async () => {
    await expect(stayForSave({ changed: () => Promise.resolve(true) }, true, 1)).resolves.toBeUndefined();
  });
});

describe('a home', () => {
  it('F13 has changed until its server has all of it, and again with the next file, however soon', async () => {
    const folder = await fs.mkdtemp(join(tmpdir(), 'palestra-stay-'));
    const [home, logs] = [join(folder, 'home'), join(folder, 'logs')];
    await fs.mkdir(home);
    await fs.mkdir(logs);
    const kept = createKeptHome({
      home,
      logs,
      terminals: { list: () => [], get: () => undefined },
      claimed: () => true,
    });
    expect(await kept.changed()).toBe(true);
    const taken = async (): Promise<void> => {
      const { tar } = await kept.snapshot({ bytes: 1e6, entries: 100 });
      for await (const _part of tar);
    };
    await fs.writeFile(join(home, 'work.txt'), 'earlier');
    await taken();
    expect(await kept.changed()).toBe(false);
    await fs.writeFile(join(home, 'work.txt'), 'later than that');
    // a server that looks is about to save, and has nothing yet
    await kept.state();
    expect(await kept.changed()).toBe(true);
    await taken();
    expect(await kept.changed()).toBe(false);
    await fs.rm(folder, { recursive: true });
  });
});
