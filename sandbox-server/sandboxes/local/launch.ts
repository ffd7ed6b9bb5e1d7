/**
 * Starts a sandbox's outermost process so that a server that dies at any moment leaves nothing unknown behind:
 * the process waits for one line before it becomes the sandbox, and the line is sent after its record is written.
 * Where the server dies first, its pipe closes and the process ends.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { processName, type ProcessName } from './process.ts';

const WAIT_JOIN_BECOME = [
  'read -r go || exit 97',
  'while [ "$1" != -- ]; do echo $$ > "$1/cgroup.procs" || exit 98; shift; done',
  'shift',
  'exec "$@" </dev/null',
].join('\n');

export interface Launch {
  /** what it becomes */
  readonly argv: readonly string[];
  /** host uid and gid; null: the server's own */
  readonly uid: number | null;
  readonly cgroups: readonly string[];
  /** file that takes stdout and stderr */
  readonly log: string;
  /** inherited as descriptor 3, and 4, 5 … where there are several */
  readonly listener: number | readonly number[];
}

export interface Launched {
  readonly child: ChildProcess;
  readonly name: ProcessName;
  /** become the sandbox */
  go(): void;
}

export async function launch(plan: Launch): Promise<Launched> {
  const output = openSync(plan.log, 'a', 0o600);
  const child = (() => {
    try {
      return spawn(
        '/bin/sh',
        ['-c', WAIT_JOIN_BECOME, 'sh', ...plan.cgroups, '--', ...asUser(plan.uid), ...plan.argv],
        {
          stdio: ['pipe', output, output, ...[plan.listener].flat()],
          env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
          cwd: '/',
          // a session of its own: Ctrl-C at the server's terminal is not the sandbox's
          detached: true,
        },
      );
    } finally {
      closeSync(output);
    }
  })();
  const name = child.pid === undefined ? null : await processName(child.pid);
  if (name === null) throw new Error('the process of a new sandbox ended before it began');
  child.stdin?.on('error', () => {}); // it ended while being told to go: its exit is noticed anyway
  return {
    child,
    name,
    go() {
      child.stdin?.end('go\n');
      child.unref();
    },
  };
}

/** Drops to an unprivileged uid for good before anything else runs. */
export function asUser(uid: number | null): readonly string[] {
  if (uid === null) return [];
  return [
    'setpriv',
    '--reuid',
    String(uid),
    '--regid',
    String(uid),
    '--clear-groups',
    '--no-new-privs',
    '--',
  ];
}
