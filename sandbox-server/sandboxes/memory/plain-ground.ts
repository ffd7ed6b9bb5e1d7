/** One agent, one child process, one folder; homes of labs beside them. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentConfig } from '../../contract/agent.ts';
import { Problem } from '../../contract/errors.ts';
import { untilAnswers } from '../agent-process/answers.ts';
import { listenFor } from '../agent-process/listener.ts';
import type { AgentTrust, Sandbox } from '../driver.ts';
import { newId } from '../ids.ts';
import type { Ground } from '../pool/ground.ts';

const AGENT = new URL('../../agent/main.ts', import.meta.url).pathname;
const START_MS = 20_000;

export interface PlainGround extends Ground {
  readonly discard: (lab: string) => Promise<void>;
  readonly onExit: (listener: (id: string, reason: string) => void) => void;
}

export function createPlainGround(
  folder: string,
  options: { trust: AgentTrust; agent?: string },
): PlainGround {
  const children = new Map<string, ChildProcess>();
  let exited: (id: string, reason: string) => void = () => {};
  const place = (id: string) => join(folder, id);
  const homeOf = (lab: string) => join(folder, 'homes', lab);

  const configFor = (id: string): AgentConfig => ({
    sandbox: id,
    keys: options.trust.keys,
    listen: { fd: 3 },
    home: join(place(id), 'home'),
    logs: join(place(id), 'logs'),
    path: [],
    reaper: [],
    shell: '/bin/bash',
    watch: { memory: null, disk: null, pids: null },
  });

  const launch = async (id: string, socket: string): Promise<ChildProcess> => {
    const listener = await listenFor(socket);
    const output = openSync(join(place(id), 'agent.log'), 'a');
    try {
      const child = spawn(process.execPath, [options.agent ?? AGENT, join(place(id), 'config.json')], {
        stdio: ['ignore', output, output, listener.fd],
        // it is killed, not asked to end: what it makes for itself goes with its sandbox's folder
        env: { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8', HOME: join(place(id), 'home'), TMPDIR: place(id) },
        cwd: place(id),
        detached: true,
      });
      listener.handOver();
      return child;
    } finally {
      closeSync(output);
    }
  };

  const start = async (kit: string): Promise<Sandbox> => {
    const id = newId();
    await mkdir(place(id), { recursive: true });
    await writeFile(join(place(id), 'config.json'), JSON.stringify(configFor(id)));
    const socket = join(place(id), 'agent.sock');
    const child = await launch(id, socket);
    children.set(id, child);
    const gone = once(child, 'exit').then(async ([code, signal]) => {
      const log = await readFile(join(place(id), 'agent.log'), 'utf8').catch(() => '');
      throw new Error(`the agent ended (${String(signal ?? code)}): ${log.slice(-2000)}`);
    });
    gone.catch(() => exited(id, 'the agent ended'));
    const agent = { kind: 'unix', path: socket } as const;
    await untilAnswers(agent, START_MS, gone);
    return { id, kit, lab: null, agent, isolation: 'unsandboxed', startedAt: Date.now() };
  };

  const alive = (id: string) => children.get(id)?.exitCode === null && children.get(id)?.signalCode === null;

  const end = async (sandbox: Sandbox): Promise<void> => {
    const child = children.get(sandbox.id);
    if (child?.pid !== undefined && alive(sandbox.id)) {
      process.kill(-child.pid, 'SIGKILL');
      await once(child, 'exit');
    }
    children.delete(sandbox.id);
    if (sandbox.lab !== null) await takeHome(sandbox.id, sandbox.lab);
    await rm(place(sandbox.id), { recursive: true, force: true, maxRetries: 5 });
  };

  const takeHome = async (id: string, lab: string): Promise<void> => {
    for (const part of ['home', 'logs']) {
      if (existsSync(join(place(id), part))) await rename(join(place(id), part), join(homeOf(lab), part));
    }
  };
  const bringHome = async (id: string, lab: string): Promise<void> => {
    for (const part of ['home', 'logs']) {
      await mkdir(join(homeOf(lab), part), { recursive: true });
      await rename(join(homeOf(lab), part), join(place(id), part));
    }
  };

  return {
    prepare: () => Promise.resolve(),
    start,
    async give(sandbox, lab) {
      if (!alive(sandbox.id))
        throw new Problem('sandbox-gone', 'The sandbox ended before it could be given to you.');
      await bringHome(sandbox.id, lab);
      return { ...sandbox, lab };
    },
    end,
    discard: (lab) => rm(homeOf(lab), { recursive: true, force: true }),
    onExit: (listener) => void (exited = listener),
  };
}
