/** uv, from its own locked and hashed list, into the tools folder: once, in some seconds. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isThere, makeWhole } from '../settle.ts';
import { runTool } from './tool.ts';

/** @returns the path of uv's executable. @throws Error with pip's last words */
export async function provideUv(options: {
  tools: string;
  lock: string;
  python: string;
  signal: AbortSignal;
}): Promise<string> {
  const hash = createHash('sha256')
    .update(await readFile(options.lock))
    .digest('hex')
    .slice(0, 12);
  const folder = join(options.tools, `uv-${hash}`);
  const uv = join(folder, 'bin/uv');
  if (!(await isThere(uv))) await makeWhole(folder, (building) => install(building, options));
  return uv;
}

async function install(
  building: string,
  options: { lock: string; python: string; signal: AbortSignal },
): Promise<void> {
  await runTool([options.python, '-m', 'venv', building], options.signal);
  const pip = [
    join(building, 'bin/python'),
    '-m',
    'pip',
    'install',
    '--quiet',
    '--require-hashes',
    '--no-deps',
    '--no-compile',
  ];
  await runTool([...pip, '-r', options.lock], options.signal);
}
