import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bundle } from './bundle.ts';
import { AGENT } from './runtime.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bundle-'));
  await mkdir(join(folder, 'parts'));
});
afterEach(() => rm(folder, { recursive: true }));
const source = (name: string, text: string) => writeFile(join(folder, name), text);

describe('a bundle', () => {
  it('is one program without types, which runs alone', async () => {
    await source('main.ts', "import { a } from './parts/a.ts';\nconst n: number = a;\nconsole.log(n);\n");
    await source('parts/a.ts', 'export const a = 41 as const satisfies number;\n');
    await source('made.mjs', await bundle(join(folder, 'main.ts')));
    await rm(join(folder, 'parts'), { recursive: true });
    const { stdout } = await promisify(execFile)(process.execPath, [join(folder, 'made.mjs')]);
    expect(stdout).toBe('41\n');
  });

  it('is the same for the same sources, and another for others', async () => {
    await source('main.ts', 'console.log(1);\n');
    const first = await bundle(join(folder, 'main.ts'));
    expect(await bundle(join(folder, 'main.ts'))).toBe(first);
    await source('main.ts', 'console.log(2);\n');
    expect(await bundle(join(folder, 'main.ts'))).not.toBe(first);
  });

  it('says what it cannot find', async () => {
    await source('main.ts', "import './nowhere.ts';\n");
    await expect(bundle(join(folder, 'main.ts'))).rejects.toThrow('nowhere.ts');
  });

  it('of the agent holds all it imports but Node and what has a binary', async () => {
    const text = await bundle(join(AGENT.folder, AGENT.entry));
    const imports = [...text.matchAll(/^import .* from "([^"]+)";$/gm)].map((m) => m[1] ?? '');
    expect(imports.filter((name) => !name.startsWith('node:') && !isBuiltin(name))).toEqual(['node-pty']);
  });
});

/** `ws` names Node's modules without their prefix */
function isBuiltin(name: string): boolean {
  return ['events', 'http', 'https', 'net', 'tls', 'crypto', 'stream', 'url', 'zlib', 'buffer'].includes(
    name,
  );
}
