import { describe, expect, it } from 'vitest';
import { stayForSave } from './stay.ts';

/** whether it stays, told apart by a stay that would never end in this test */
async function stays(lookedAt: number, claimed: boolean): Promise<boolean> {
  const staying = stayForSave({ lookedAt: () => lookedAt }, claimed, 200).then(() => 'over');
  return (await Promise.race([staying, Promise.resolve().then(() => Promise.resolve('stays'))])) === 'stays';
}

describe('an agent whose pod is to end', () => {
  it('stays where its home was not looked at: its server did not ask for this end', async () => {
    expect(await stays(-Infinity, true)).toBe(true);
    expect(await stays(performance.now() - 60_000, true)).toBe(true);
  });
  it('goes at once where the server has just looked, or nobody has a home in it', async () => {
    expect(await stays(performance.now(), true)).toBe(false);
    expect(await stays(-Infinity, false)).toBe(false);
  });
  it('goes in the end, also where no server comes', async () => {
    await expect(stayForSave({ lookedAt: () => -Infinity }, true, 1)).resolves.toBeUndefined();
  });
});
