/** A real V8 gives pages back to the system; a server that ends sooner is not kept for it. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const ROOM = join(import.meta.dirname, 'start-up-garbage.ts');
const run = promisify(execFile);

/** What a program printed that leaves 100 MB behind, then waits for the collection. */
async function after(flags: readonly string[], end: string): Promise<string> {
  const program = `
    import { collectStartUpGarbage } from ${JSON.stringify(ROOM)};
    const used = () => process.memoryUsage().heapTotal / 1e6;
    let left = Array.from({ length: 1e6 }, (_, i) => ({ i, text: 'lesson ' + i }));
    const before = used();
    left = null;
    const waiting = collectStartUpGarbage(undefined, 20);
    ${end}`;
  return (await run(process.execPath, [...flags, '--input-type=module', '-e', program])).stdout.trim();
}
const TOLD = 'setTimeout(() => console.log(used() < before / 3), 500)';

describe('what a start leaves behind', () => {
  it('is given back to the system', async () => {
    expect(await after(['--expose-gc'], TOLD)).toBe('true');
  });

  it('stays where Node may not be asked, which is no failure', async () => {
    expect(await after([], TOLD)).toBe('false');
  });

  it('keeps no program alive that has ended before', async () => {
    expect(await after(['--expose-gc'], `console.log('over')`)).toBe('over');
  });

  it('is not asked for by a server that was closed', async () => {
    const closed = `waiting[Symbol.dispose](); ${TOLD}`;
    expect(await after(['--expose-gc'], closed)).toBe('false');
  });
});
