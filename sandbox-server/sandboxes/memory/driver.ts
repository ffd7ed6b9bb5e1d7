/**
 * Sandboxes without walls, for unit tests and a bare `conformance` run: the real agent as a plain child
 * process in a temporary folder. Nothing outlives it: `close()` ends every process and removes the folder.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Problem } from '../../contract/errors.ts';
import type { AgentTrust, Driver } from '../driver.ts';
import { createPool } from '../pool/pool.ts';
import { createPlainGround } from './plain-ground.ts';

export interface MemoryDriverOptions {
  readonly trust: AgentTrust;
  /** the agent's entry; tests may name another program that speaks HTTP on the descriptor of its configuration */
  readonly agent?: string;
  /** told what goes wrong in the background; default: nothing */
  readonly onTrouble?: (what: string, error: unknown) => void;
}

/** A driver whose sandboxes are plain child processes; for tests only. */
export async function createMemoryDriver(options: MemoryDriverOptions): Promise<Driver> {
  const folder = await mkdtemp(join(tmpdir(), 'palestra-memory-'));
  const ground = createPlainGround(folder, options);
  const pool = createPool({ ground, onTrouble: options.onTrouble ?? (() => {}) });
  ground.onExit((id, reason) => void pool.lost(id, reason));
  return {
    name: 'memory',
    probe: () => Promise.resolve([]),
    adopt: () => Promise.resolve([]),
    keepWarm: pool.keepWarm,
    claim: pool.claim,
    lend: (_lab, services) =>
      services.length === 0
        ? Promise.resolve({ endpoints: [], env: {} })
        : Promise.reject(new Problem('unavailable', 'Sandboxes without walls are lent no services.')),
    release: pool.release,
    discard: ground.discard,
    list: () => Promise.resolve(pool.list()),
    watch: pool.watch,
    async close() {
      await pool.close();
      await Promise.all(pool.list().map(ground.end));
      await rm(folder, { recursive: true, force: true });
    },
  };
}
