/** A real server that speaks S3 (versitygw, from its pinned Go module) on a folder, for tests; built once. */
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import net from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from '../../services/testing/tiny-service.ts';

const MODULE = join(import.meta.dirname, 's3-gateway');
const PROGRAM = 'github.com/versity/versitygw/cmd/versitygw';
export const KEYS = { TEST_S3_KEY: 'tester', TEST_S3_SECRET: 'secret-of-the-tests' };
export const BUCKET = 'homes';

export interface Gateway extends AsyncDisposable {
  readonly endpoint: string;
}

/** @param host where it listens: an address of this machine */
export async function startGateway(host = '127.0.0.1'): Promise<Gateway> {
  const program = await built();
  const folder = await mkdtemp(join(tmpdir(), 'palestra-s3-'));
  const [root, side] = [join(folder, 'objects'), join(folder, 'side')];
  await mkdir(join(root, BUCKET), { recursive: true });
  await mkdir(side);
  const port = await freePort();
  const argv = ['--access', KEYS.TEST_S3_KEY, '--secret', KEYS.TEST_S3_SECRET, '--port', `${host}:${port}`];
  // a test that is killed must not leave it behind
  const child = spawn(
    'setpriv',
    ['--pdeathsig', 'KILL', program, ...argv, 'posix', '--sidecar', side, root],
    {
      stdio: 'ignore',
    },
  );
  for (let tries = 0; !(await answers(host, port)); tries += 1) {
    if (tries > 600 || child.exitCode !== null) throw new Error('the S3 gateway does not start');
    await wait(50);
  }
  return {
    endpoint: `http://${host}:${port}`,
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true });
    },
  };
}

/** Some minutes the first time; kept by the hash of what it is made of. */
async function built(): Promise<string> {
  const hash = createHash('sha256')
    .update(readFileSync(join(MODULE, 'go.sum')))
    .digest('hex');
  const cache =
    process.env['PALESTRA_CACHE'] ??
    join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'palestra');
  const program = join(cache, 's3-gateway', hash.slice(0, 16), 'versitygw');
  if (existsSync(program)) return program;
  await mkdir(join(program, '..'), { recursive: true });
  const half = `${program}.${process.pid}`;
  await promisify(execFile)('go', ['build', '-trimpath', '-ldflags', '-s -w', '-o', half, PROGRAM], {
    cwd: MODULE,
  });
  await rename(half, program);
  return program;
}

async function answers(host: string, port: number): Promise<boolean> {
  const socket = net.connect(port, host);
  try {
    await once(socket, 'connect');
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ECONNREFUSED') return false;
    throw error;
  } finally {
    socket.destroy();
  }
}
