/**
 * An agent without a process of its own: a folder as the home, scripts and typed commands run for real in it.
 * For tests of labs and checks that need answers in milliseconds; the real agent has its own integration tests.
 */
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import type {
  AgentEvent,
  AgentStatus,
  Claim,
  LentServices,
  RunResult,
  RunScript,
  Tokens,
  TypeCommand,
} from '../../contract/agent.ts';
import { Problem } from '../../contract/errors.ts';
import type { AgentLink } from '../../sandboxes/agent-link.ts';

export interface DeskAgent {
  readonly link: AgentLink;
  readonly home: string;
  readonly claims: Claim[];
  readonly tokens: Tokens[];
  readonly services: LentServices[];
  readonly typed: TypeCommand[];
  readonly stopped: string[];
  readonly closedTerminals: string[];
  /** scripts that ran, in order */
  readonly ran: RunScript[];
  /** makes the next typed command find its terminal busy */
  busyWith: string | null;
  /** anything thrown by every call, as when the sandbox is gone */
  broken: Problem | null;
  listeners: number;
  emit(event: AgentEvent): void;
  /** what `type` began has ended and was told */
  idle(): Promise<void>;
  close(): Promise<void>;
}

export async function createDeskAgent(sandbox: string): Promise<DeskAgent> {
  const home = await mkdtemp(join(tmpdir(), 'palestra-desk-'));
  const listeners = new Set<(event: AgentEvent) => void>();
  const given = new Map<string, string>();
  let typing: Promise<unknown> = Promise.resolve();
  const works = (): void => {
    if (desk.broken !== null) throw desk.broken;
  };
  const status = (): AgentStatus => ({
    sandbox,
    boot: 'desk',
    version: '0',
    lab: desk.claims.at(-1)?.lab ?? null,
    user: desk.claims.at(-1)?.user ?? null,
    now: Date.now(),
    startedAt: 0,
    terminals: [],
    usage: { memory: 0, disk: 0, pids: 0 },
  });
  const run = async (script: RunScript): Promise<RunResult> => {
    desk.ran.push(script);
    return runScript(home, script, desk.claims.at(-1));
  };
  const type = async (command: TypeCommand): Promise<void> => {
    const startedAt = Date.now();
    const terminal = command.terminal ?? '1';
    const prompt = (state: 'busy' | 'idle'): void => {
      const now =
        state === 'idle' ? { state } : { state, command: command.code.slice(0, 300), since: startedAt };
      desk.emit({ type: 'terminals', terminals: [{ name: terminal, prompt: now, end: 0 }] });
    };
    prompt('busy');
    const script = { lang: 'bash' as const, code: command.code, timeout: 10, fixtures: [], env: {} };
    const { exit, ms } = await runScript(home, script, desk.claims.at(-1));
    desk.emit({ type: 'command', terminal, line: command.code, exit, startedAt, ms });
    prompt('idle');
  };
  const unused = (): never => {
    throw new Error('a desk agent has none of this');
  };

  const link: AgentLink = {
    status: () => Promise.resolve(status()),
    claim: asked((claim: Claim) => {
      works();
      const before = desk.claims[0];
      if (before && before.lab !== claim.lab) throw new Problem('conflict', 'This sandbox is another lab’s.');
      desk.claims.push(claim);
      return status();
    }),
    tokens: asked((tokens: Tokens) => {
      works();
      desk.tokens.push(tokens);
    }),
    services: asked((services: LentServices) => {
      works();
      desk.services.push(services);
    }),
    async give({ files, overwrite }) {
      works();
      const told = { written: [] as string[], kept: [] as string[], asNew: [] as string[] };
      for (const { path, content } of files) {
        const text = Buffer.from(content, 'base64').toString();
        const stands = await readIn(home, path);
        if (stands === text) told.kept.push(path);
        else if (stands === null || overwrite || stands === given.get(path)) {
          await writeIn(home, path, text);
          told.written.push(path);
        } else {
          await writeIn(home, `${path}.new`, text);
          told.asNew.push(path);
        }
        given.set(path, text);
      }
      return told;
    },
    async run(script) {
      works();
      return run(script);
    },
    type: asked((command: TypeCommand) => {
      works();
      if (desk.busyWith !== null)
        throw new Problem('busy', `Terminal 1 is busy with ${desk.busyWith}.`, {
          details: { terminal: '1', command: desk.busyWith },
        });
      desk.typed.push(command);
      typing = typing.then(() => type(command));
      return { terminal: command.terminal ?? '1', offset: 0 };
    }),
    stop: asked((terminal: string) => {
      works();
      desk.stopped.push(terminal);
    }),
    terminals: () => Promise.resolve([]),
    closeTerminal: asked((name: string) => void desk.closedTerminals.push(name)),
    tree: unused,
    async read(path) {
      works();
      const text = await readIn(home, path);
      if (text === null) throw new Problem('not-found', 'There is no such file.');
      return { etag: 'x', size: text.length, kind: 'text', body: Readable.from([Buffer.from(text)]) };
    },
    async write(path, body) {
      works();
      await writeIn(home, path, Buffer.isBuffer(body) ? body.toString() : (await body.toArray()).join(''));
      return { etag: 'x' };
    },
    makeFolder: unused,
    move: unused,
    remove: (path) => rm(join(home, path)),
    events(listener) {
      listeners.add(listener);
      desk.listeners += 1;
      listener({ type: 'hello', status: status() });
      return { [Symbol.dispose]: () => void (listeners.delete(listener) && (desk.listeners -= 1)) };
    },
    port: unused,
    terminalSocket: unused,
  };
  const desk: DeskAgent = {
    link,
    home,
    claims: [],
    tokens: [],
    services: [],
    typed: [],
    stopped: [],
    closedTerminals: [],
    ran: [],
    busyWith: null,
    broken: null,
    listeners: 0,
    emit(event) {
      for (const listener of [...listeners]) listener(event);
    },
    async idle() {
      await typing;
    },
    async close() {
      await typing;
      await rm(home, { recursive: true, force: true });
    },
  };
  return desk;
}

async function runScript(home: string, script: RunScript, claim: Claim | undefined): Promise<RunResult> {
  const began = Date.now();
  const fixtures = await mkdtemp(join(tmpdir(), 'palestra-fixtures-'));
  for (const file of script.fixtures)
    await writeIn(fixtures, file.path, Buffer.from(file.content, 'base64').toString());
  const known = {
    PALESTRA_USER: claim?.user ?? '',
    PALESTRA_SEED: claim?.seed ?? '',
    PALESTRA_FIXTURES: fixtures,
  };
  const program = script.lang === 'python' ? ['python3', '-I', '-c'] : [script.lang, '-c'];
  const child = spawn(program[0] ?? 'bash', [...program.slice(1), script.code], {
    cwd: home,
    detached: true,
    env: { PATH: '/usr/bin:/bin', HOME: home, ...known, ...script.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  }, script.timeout * 1000);
  const [stdout, stderr, exit] = await Promise.all([
    child.stdout.toArray(),
    child.stderr.toArray(),
    new Promise<number>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code) => {
        resolve(timedOut ? 124 : (code ?? 137));
      });
    }),
  ]);
  clearTimeout(timer);
  await rm(fixtures, { recursive: true });
  return {
    exit,
    stdout: stdout.join('').slice(-65536),
    stderr: stderr.join('').slice(-65536),
    ms: Date.now() - began,
    timedOut,
  };
}

async function readIn(folder: string, path: string): Promise<string | null> {
  try {
    return await readFile(join(folder, path), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

async function writeIn(folder: string, path: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), text);
}

/** What throws at once becomes a promise that rejects, as over a socket. */
function asked<A, R>(work: (asked: A) => R): (asked: A) => Promise<R> {
  return (what) => Promise.resolve(what).then(work);
}
