/** The real agent as a child process on a unix socket in a temporary folder, claimed and linked: for tests and benches. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { AgentConfig, Claim } from '../../contract/agent.ts';
import { Problem } from '../../contract/errors.ts';
import type { AgentLink } from '../../sandboxes/agent-link.ts';
import type { AgentAddress, Sandbox } from '../../sandboxes/driver.ts';
import type { SandboxLink } from '../../sandboxes/kept-homes.ts';
import { createLinks, temporaryTicketKeys } from '../../sandboxes/link/index.ts';
import type { TicketKeys } from '../../sandboxes/link/index.ts';
import { freePort } from '../../services/testing/tiny-service.ts';
import { certificateIn } from '../pod/certificate.ts';

export interface StartOptions {
  /** an existing home; default: a new empty one, removed at the end */
  readonly home?: string;
  /** who may sign tickets; default: a key of the test's own */
  readonly keys?: TicketKeys;
  readonly config?: Partial<AgentConfig>;
  /** reached over TLS, as in a pod: the certificate is made in the agent's folder and kept there */
  readonly tls?: boolean;
  /** whom to claim it for; null: leave it unclaimed. Default: user `st07` */
  readonly claim?: Partial<Claim> | null;
  /** the command line to start it with, e.g. in a namespace of its own */
  readonly wrap?: (folder: string, argv: readonly string[]) => readonly string[];
}
export interface StartedAgent extends AsyncDisposable {
  readonly address: AgentAddress;
  readonly sandbox: Pick<Sandbox, 'id' | 'agent'>;
  readonly link: SandboxLink;
  readonly keys: TicketKeys;
  readonly home: string;
  readonly logs: string;
  /** the temporary folder around all of it */
  readonly folder: string;
  readonly child: ChildProcess;
  /** what it wrote to stderr so far */
  said(): string;
  /** end it (with SIGKILL by default) and start another on the same home and logs */
  restart(signal?: NodeJS.Signals): Promise<StartedAgent>;
  stop(): Promise<void>;
}

export const ID = 'abcdefghij234567abcd';
export const CLAIM: Claim = {
  lab: 'labaaaaaaaaaaaaaaaaa',
  user: 'st07',
  fullName: 'Ada Learner',
  seed: '0123456789abcdef',
  env: {},
};
const MAIN = new URL('../main.ts', import.meta.url).pathname;

export async function startAgent(options: StartOptions = {}): Promise<StartedAgent> {
  const folder = await fs.mkdtemp(join(tmpdir(), 'palestra-test-'));
  if (options.home === undefined) await fs.mkdir(join(folder, 'home'));
  return launch(folder, options.home ?? join(folder, 'home'), options);
}

async function launch(folder: string, home: string, options: StartOptions): Promise<StartedAgent> {
  const keys = options.keys ?? temporaryTicketKeys();
  const path = join(folder, 'agent.sock');
  const logs = join(folder, 'logs');
  const listen = options.tls === true ? await tlsOn(folder) : { path };
  const config: AgentConfig = {
    sandbox: ID,
    keys: [...keys.publicKeys()],
    listen,
    home,
    logs,
    path: [],
    reaper: [],
    shell: '/bin/bash',
    watch: { memory: null, disk: null, pids: null },
    ...options.config,
  };
  await fs.rm(path, { force: true });
  await fs.writeFile(join(folder, 'config.json'), JSON.stringify(config));
  // a test that is killed must not leave an agent behind
  const argv = ['setpriv', '--pdeathsig', 'KILL', process.execPath, MAIN, join(folder, 'config.json')];
  const [command = '', ...args] = options.wrap?.(folder, argv) ?? argv;
  const child = spawn(command, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: '/usr/bin:/bin', TMPDIR: folder },
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-64 * 1024)));
  const address: AgentAddress =
    'path' in listen
      ? { kind: 'unix', path: listen.path }
      : { kind: 'tls', host: listen.host, port: listen.port, pin: fingerprintOf(listen.tls.cert) };
  const sandbox = { id: config.sandbox, agent: address };
  const link = createLinks({ sign: keys.sign })(sandbox);
  await untilItAnswers(link, child, () => said);
  if (options.claim !== null) await link.claim({ ...CLAIM, ...options.claim });
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  };
  const stop = async (): Promise<void> => {
    // a wrapper such as unshare ignores SIGTERM while it waits
    await end(options.wrap === undefined ? 'SIGTERM' : 'SIGKILL');
    await fs.rm(folder, { recursive: true, force: true });
  };
  return {
    address,
    sandbox,
    link,
    keys,
    home,
    logs,
    folder,
    child,
    said: () => said,
    async restart(signal = 'SIGKILL') {
      await end(signal);
      return launch(folder, home, { ...options, keys });
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function tlsOn(folder: string) {
  const tls = await certificateIn(folder, ID);
  return { host: '127.0.0.1', port: await freePort(), tls };
}

function fingerprintOf(file: string): string {
  const { raw } = new X509Certificate(readFileSync(file));
  return createHash('sha256').update(raw).digest('hex');
}

async function untilItAnswers(link: AgentLink, child: ChildProcess, said: () => string): Promise<void> {
  for (let tries = 0; tries < 1000; tries += 1) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`the agent ended: ${said()}`);
    try {
      return void (await link.status());
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'agent-unreachable') throw error;
      await wait(10);
    }
  }
  throw new Error(`the agent does not answer: ${said()}`);
}
