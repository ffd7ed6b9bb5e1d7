/**
 * Watches the bounds that the driver cannot have the kernel hold (called advisory there): looks, ends what exceeds,
 * and says so. Also where the figures of `status` come from.
 */
import type { AgentConfig, AgentStatus } from '../../contract/agent.ts';
import { diskUsage } from './disk.ts';
import { endProcess, sandboxProcesses } from './processes.ts';
import type { Process } from './processes.ts';
import { overDisk, overMemory, overPids } from './verdict.ts';
import type { Verdict } from './verdict.ts';

const EVERY = 1000;
/** a walk over the home rests twenty times as long as it took, and at least so long, ms */
const DISK_REST = 10_000;
/** the same where a bound is to be held */
const DISK_REST_BOUND = 2000;
const DISK_EFFORT = 20;
/** the same sentence again only after, ms */
const REPEAT = 30_000;

export interface LimitsOptions {
  readonly watch: AgentConfig['watch'];
  readonly home: string;
  /** pids that are ended last */
  readonly shells: () => readonly number[];
  /** the home is there: nobody may touch it before the claim */
  readonly claimed: () => boolean;
  readonly warn: (text: string) => void;
}
export interface Limits {
  /** as of the last look; 0 where nobody looked yet */
  usage(): AgentStatus['usage'];
  close(): void;
}

export function watchLimits({ watch, home, shells, claimed, warn }: LimitsOptions): Limits {
  const usage = { memory: 0, disk: 0, pids: 0 };
  const said = new Map<string, number>();
  let written = new Map<number, number>();
  let diskAfter = 0;
  let looking = false;

  const act = (verdict: Verdict | null, kind: string): void => {
    if (verdict === null) return;
    for (const pid of verdict.end) endProcess(pid);
    if (verdict.end.length === 0 && Date.now() - (said.get(kind) ?? 0) < REPEAT) return;
    said.set(kind, Date.now());
    warn(verdict.text);
  };
  const weigh = (processes: readonly Process[]): void => {
    const last = new Set(shells());
    usage.memory = processes.reduce((sum, { memory }) => sum + memory, 0);
    usage.pids = processes.length;
    if (watch.memory !== null) act(overMemory(processes, watch.memory, last), 'memory');
    if (watch.pids !== null) act(overPids(processes, watch.pids, last), 'pids');
  };
  const weighDisk = async (processes: readonly Process[]): Promise<void> => {
    if (!claimed() || performance.now() < diskAfter) return;
    const started = performance.now();
    usage.disk = await diskUsage(home);
    const ended = performance.now();
    // past the bound the writer is looked for at once; else the walk must not become the load
    diskAfter = ended + restAfter(ended - started, usage.disk);
    if (watch.disk !== null)
      act(overDisk(processes, usage.disk, watch.disk, written, new Set(shells())), 'disk');
    written = new Map(processes.map((one) => [one.pid, one.written]));
  };
  const restAfter = (took: number, used: number): number => {
    if (watch.disk !== null && used > watch.disk) return EVERY;
    return Math.max(watch.disk === null ? DISK_REST : DISK_REST_BOUND, took * DISK_EFFORT);
  };
  const look = async (): Promise<void> => {
    const processes = await sandboxProcesses();
    weigh(processes);
    await weighDisk(processes);
  };
  const timer = setInterval(
    () => {
      if (looking) return;
      looking = true;
      look()
        .catch((error: unknown) => void process.stderr.write(`limits: ${String(error)}\n`))
        .finally(() => (looking = false));
    },
    needed(watch) ? EVERY : DISK_REST,
  );
  return { usage: () => ({ ...usage }), close: () => clearInterval(timer) };
}

/** Without bounds of ours the looks only feed `status`, rarely. */
function needed(watch: AgentConfig['watch']): boolean {
  return watch.memory !== null || watch.pids !== null || watch.disk !== null;
}
