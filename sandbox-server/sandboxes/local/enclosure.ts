/** What a sandbox is enclosed in: bubblewrap's walls, or (said on every page) none. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { AgentConfig } from '../../contract/agent.ts';
import type { AgentTrust, Isolation } from '../driver.ts';
import type { Bounds, Limits } from './bounds/bounds.ts';
import { INSIDE, bubblewrap } from './bubblewrap.ts';
import { HOME_INSIDE, LOGS_INSIDE } from './homes.ts';
import type { SandboxRecord } from './record.ts';
import type { Runtime } from './runtime.ts';

const TINI = '/usr/bin/tini';

export interface Enclosure {
  isolation(bounds: Bounds): Isolation;
  /** @param env the kit's */
  agentConfig(record: SandboxRecord, home: string, env: Readonly<Record<string, string>>): AgentConfig;
  /** a folder of services as programs inside see it; null: they see no names of services, so none is lent */
  services(folder: string): string | null;
  /** argv of the outermost process */
  command(
    record: SandboxRecord,
    at: { folder: string; home: string; services: string; alsoVisible: readonly string[] },
  ): readonly string[];
}

export interface EnclosureOptions {
  readonly runtime: Runtime;
  readonly trust: AgentTrust;
  readonly limits: Limits;
}

/** bubblewrap's. @param topFolders of this host, see `top-folders.ts` */
export function walled(
  options: EnclosureOptions,
  topFolders: Readonly<Record<string, string | null>>,
): Enclosure {
  const { runtime, limits } = options;
  return {
    isolation: (bounds) => (bounds.kind === 'none' ? 'advisory' : 'enforced'),
    services: () => INSIDE.services,
    agentConfig: (record, _home, env) => ({
      ...common(options, record),
      ...kitAt(INSIDE.kit, env),
      home: HOME_INSIDE,
      logs: LOGS_INSIDE,
    }),
    command: (record, at) =>
      bubblewrap({
        bwrap: 'bwrap',
        runtime: runtime.folder,
        kit: record.kitFolder,
        home: at.home,
        config: join(at.folder, 'config.json'),
        services: at.services,
        alsoVisible: at.alsoVisible,
        topFolders,
        tmpfsBytes: Math.min(limits.disk, Math.floor(limits.memory / 2)),
        command: [`${INSIDE.runtime}/${runtime.node}`, `${INSIDE.runtime}/${runtime.entry}`, INSIDE.config],
      }),
  };
}

/** None: the agent as a plain process, for a person's own machine. */
export function unwalled(options: EnclosureOptions): Enclosure {
  const { runtime } = options;
  return {
    isolation: () => 'unsandboxed',
    services: () => null,
    agentConfig: (record, home, env) => ({
      ...common(options, record),
      ...kitAt(record.kitFolder, env),
      home: join(home, HOME_INSIDE.replace('/home/', '')),
      logs: join(home, LOGS_INSIDE.replace('/home/', '')),
    }),
    command: (_record, at) => [
      // what a learner leaves behind becomes its child, and ends with it
      ...(existsSync(TINI) ? [TINI, '-s', '--'] : []),
      'env',
      '-i',
      'LANG=C.UTF-8',
      join(runtime.folder, runtime.node),
      join(runtime.folder, runtime.entry),
      join(at.folder, 'config.json'),
    ],
  };
}

/** A kit's own programs come before its environment's: the front of a client has the client's name. */
export function kitAt(
  folder: string,
  env: Readonly<Record<string, string>>,
): { path: string[]; env: Record<string, string> } {
  const filled = Object.entries(env).map(([name, value]) => [name, value.replaceAll('{kit}', folder)]);
  return {
    path: [join(folder, 'front'), join(folder, 'bin')],
    env: Object.fromEntries(filled) as Record<string, string>,
  };
}

function common(
  options: EnclosureOptions,
  record: SandboxRecord,
): Omit<AgentConfig, 'home' | 'logs' | 'path' | 'env'> {
  const { limits } = options;
  const watches = (what: string, bound: number) => (record.watched.includes(what) ? bound : null);
  return {
    sandbox: record.id,
    keys: options.trust.keys,
    listen: { fd: 3 },
    reaper: existsSync(TINI) ? [TINI, '-s', '--'] : [],
    shell: '/bin/bash',
    watch: {
      memory: watches('memory', limits.memory),
      disk: watches('disk', limits.disk),
      pids: watches('pids', limits.pids),
    },
  };
}
