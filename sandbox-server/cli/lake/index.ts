/**
 * `palestra lake check|put|get`: runs the data lake kit's own program, the same that a sandbox has. It lives in the
 * kit, in Python, because Rucio's client library does; here the kit is prepared where it is not yet.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { constants } from 'node:os';
import { createLocalKits, kitAt } from '../../sandboxes/local/index.ts';
import { createLog } from '../../telemetry/index.ts';
import { ROOT, STATE } from '../settings.ts';
import { lakeEnvironment } from './environment.ts';

const KIT = 'lake';

/** @returns the program's exit status */
export async function lake(words: readonly string[]): Promise<number> {
  const { folder, env } = await prepared();
  const place = kitAt(folder, env);
  const program = join(folder, 'front/palestra-lake');
  const child = spawn(program, words, {
    stdio: 'inherit',
    env: lakeEnvironment(process.env, place),
  });
  // Ctrl-C reaches the program by itself: we wait for what it makes of it
  const wait = (): void => undefined;
  process.on('SIGINT', wait);
  try {
    const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
    return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
  } finally {
    process.off('SIGINT', wait);
  }
}

/** The kit's folder, made where it is not there; what is done meanwhile is told on standard error. */
async function prepared(): Promise<{ folder: string; env: Readonly<Record<string, string>> }> {
  const log = createLog({ level: 'error' });
  const state = process.env['PALESTRA_KITS'] ?? STATE;
  const kits = await createLocalKits({ root: join(ROOT, 'infra/kits'), state, log });
  try {
    using _told = kits.watch((kit) => {
      if (kit.name === KIT && kit.state === 'preparing') process.stderr.write(`${kit.text}\n`);
    });
    await kits.ready(KIT);
    const { folder, env = {} } = kits.use(KIT);
    return { folder, env };
  } finally {
    await kits.close();
  }
}
