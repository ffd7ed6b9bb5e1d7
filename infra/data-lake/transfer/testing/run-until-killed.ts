/** The service as a process of its own, that a test kills: its settings' file, and log lines on standard error. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Settings } from '../settings.ts';
import type { RunningService, World } from './world.ts';

export interface Killable extends Pick<RunningService, 'ask' | 'port'> {
  readonly child: ChildProcess;
  readonly lines: readonly string[];
  /** SIGKILL, as an out-of-memory killer does it */
  kill(): Promise<void>;
  stop(): Promise<number | null>;
}

/** Starts `main.ts`, as the lake does. @throws Error with its log where it does not come up */
export async function runService(world: World, settings: Settings): Promise<Killable> {
  const file = join(settings.state, 'settings.json');
  await writeFile(file, JSON.stringify(settings));
  const child = spawn(process.execPath, [join(import.meta.dirname, '..', 'main.ts'), file], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const lines: string[] = [];
  const port = await portOf(child, lines);
  const gone = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill(signal);
      await once(child, 'exit');
    }
  };
  return {
    child,
    lines,
    port,
    ask: (method, path, question) => world.ask(port, method, path, question),
    kill: () => gone('SIGKILL'),
    async stop() {
      await gone('SIGTERM');
      return child.exitCode;
    },
  };
}

async function portOf(child: ChildProcess, lines: string[]): Promise<number> {
  if (child.stderr === null) throw new Error('no standard error');
  const reader = createInterface({ input: child.stderr });
  return await new Promise((done, fail) => {
    reader.on('line', (line) => {
      lines.push(line);
      const port = /"port":(\d+)/.exec(line)?.[1];
      if (port !== undefined) done(Number(port));
    });
    child.once('exit', () => fail(new Error(lines.join('\n'))));
  });
}
