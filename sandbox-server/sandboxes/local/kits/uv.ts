/** uv, from its own locked and hashed list, into the tools folder: once, in some seconds. */
import { createHash } from 'node:crypto';
import { access, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { settle } from '../settle.ts';
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
  if (await there(uv)) return uv;
  const building = `${folder}.${process.pid}`;
  await rm(building, { recursive: true, force: true });
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
  await settle(building, folder);
  return uv;
}

async function there(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    (error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    },
  );
}
