import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createRhythm } from './rhythm.ts';

async function turns(n: number): Promise<void> {
  for (let i = 0; i < n; i += 1) await turn();
}

describe('rhythm', () => {
  it('sends the first output at once: an echo waits for nothing', () => {
    let sent = 0;
    const rhythm = createRhythm(() => (sent += 1));
    rhythm.arrived(1);
    expect(sent).toBe(1);
    rhythm.stop();
  });

  it('gathers a flood, and sends what is left when it ends', async () => {
    let sent = 0;
    const rhythm = createRhythm(() => (sent += 1));
    for (let i = 0; i < 64; i += 1) {
      rhythm.arrived(4096);
      await turns(1);
    }
    await turns(4);
    expect(sent).toBeGreaterThanOrEqual(64 / 16);
    expect(sent).toBeLessThan(12);
    rhythm.arrived(1);
    const before = sent;
    await turns(4);
    rhythm.arrived(1);
    expect(sent).toBe(before + 1);
    rhythm.stop();
  });

  it('holds small pieces no longer than some turns', async () => {
    let sent = 0;
    const rhythm = createRhythm(() => (sent += 1));
    for (let i = 0; i < 40; i += 1) {
      rhythm.arrived(1);
      await turns(1);
    }
    expect(sent).toBeGreaterThanOrEqual(2);
    rhythm.stop();
  });

  it('is still when nothing comes', async () => {
    let sent = 0;
    const rhythm = createRhythm(() => (sent += 1));
    rhythm.arrived(1);
    await turns(20);
    expect(sent).toBe(1);
  });
});
