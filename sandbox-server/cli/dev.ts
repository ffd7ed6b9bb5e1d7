/**
 * `npm run dev`: the server as `start` runs it, begun again after each save. Sandboxes outlive a server, so the learner's
 * shell is the same one before and after; the page reloads by hand for now.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ROOT } from './settings.ts';

const WATCHED = ['courses', 'site', 'sandbox-server/catalogue'];
/** an editor writes a file in several strokes */
const SETTLE_MS = 200;

export async function dev(options: { port?: string }): Promise<void> {
  const port = options.port === undefined ? [] : ['--port', options.port];
  let server = begin(port);
  let timer: NodeJS.Timeout | undefined;
  const again = async (): Promise<void> => {
    process.stdout.write('  saved: building and starting again …\n');
    const ended = once(server, 'exit');
    if (server.exitCode === null && server.kill('SIGTERM')) await ended;
    server = begin(port);
  };
  const watchers = WATCHED.map((folder) =>
    watch(join(ROOT, folder), { recursive: true }, () => {
      clearTimeout(timer);
      timer = setTimeout(() => void again(), SETTLE_MS);
    }),
  );
  await once(process, 'SIGINT');
  for (const watcher of watchers) watcher.close();
  server.kill('SIGTERM');
}

function begin(port: readonly string[]): ChildProcess {
  const command = fileURLToPath(new URL('palestra.ts', import.meta.url));
  return spawn(process.execPath, [command, 'start', ...port], { cwd: ROOT, stdio: 'inherit' });
}
