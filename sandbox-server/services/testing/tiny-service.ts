/** A folder with `service.yaml` and a Node script, as any service has: a real https server with its own authority. */
import { appendFile, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export interface TinyService extends AsyncDisposable {
  /** a checkout with `infra/tiny/` */
  readonly root: string;
  readonly state: string;
  readonly folder: string;
  readonly port: number;
  readonly host: string;
  /** lines of one of its files: `calls`, `admitted`, `asked`, … */
  lines(file: string): Promise<string[]>;
  /** the next `up` fails, or no longer does */
  breakIt(): Promise<void>;
  mendIt(): Promise<void>;
}
const SCRIPT = new URL('tiny.mjs', import.meta.url).pathname;

/** @param options slow: ms that `up` takes; steward: one listens; inside: its port in sandboxes; issuer: of tokens it takes */
export async function tinyService(
  options: {
    readonly slow?: number;
    readonly steward?: boolean;
    readonly inside?: number;
    readonly issuer?: string;
  } = {},
): Promise<TinyService> {
  const root = await mkdtemp(join(tmpdir(), 'palestra-tiny-'));
  const folder = join(root, 'infra/tiny');
  const state = join(root, 'state');
  await mkdir(folder, { recursive: true });
  await mkdir(join(state, 'tiny'), { recursive: true });
  await copyFile(SCRIPT, join(folder, 'tiny.mjs'));
  const port = await freePort();
  await writeFile(join(folder, 'settings.json'), JSON.stringify({ port, ...options }));
  await writeFile(
    join(folder, 'service.yaml'),
    'name: tiny\ntitle: Tiny shop\ncommand: [node, tiny.mjs]\nadmits: true\nverbs: [refuse, heal, is, say]\n',
  );
  const at = (name: string) => join(state, 'tiny', name);
  return {
    root,
    state,
    folder,
    port,
    host: 'shop.tiny.test',
    async lines(file) {
      const text = await readFile(at(file), 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return '';
        throw error;
      });
      return text.split('\n').filter((line) => line !== '');
    },
    breakIt: () => appendFile(at('break'), ''),
    mendIt: () => rm(at('break'), { force: true }),
    async [Symbol.asyncDispose]() {
      // a test may have put another in its place
      await copyFile(SCRIPT, join(folder, 'tiny.mjs'));
      const env = { ...process.env, PALESTRA_STATE: state };
      await promisify(execFile)(process.execPath, ['tiny.mjs', 'down'], { cwd: folder, env });
      await rm(root, { recursive: true, force: true });
    },
  };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}
