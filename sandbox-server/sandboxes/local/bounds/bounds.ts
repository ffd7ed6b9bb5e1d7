/**
 * Bounds that the kernel holds: one cgroup a sandbox. Which kind this machine gives is found by trying
 * (`find.ts`), never by guessing from version numbers.
 */
export interface Limits {
  /** bytes */
  readonly memory: number;
  /** bytes; nothing here can bound a disk: the agent always watches it */
  readonly disk: number;
  readonly pids: number;
  /** cores */
  readonly cpu: number;
}

/** One way to bound; `none` where the machine gives none. */
export interface Bounds {
  readonly kind: 'cgroup v2' | 'cgroup v1' | 'none';
  /** what it was found at, or why there is none: a sentence for `doctor` */
  readonly found: string;
  /** makes a sandbox's group with its limits. @returns its folders: a process joins by writing its pid to each one's cgroup.procs */
  make(id: string, limits: Limits): Promise<readonly string[]>;
  /** the folders that `make` made for it, also after a crash that left no record of them */
  of(id: string): readonly string[];
  /** processes the kernel ended in it for want of memory */
  memoryKills(folders: readonly string[]): Promise<number>;
  /** once nothing runs in it */
  remove(folders: readonly string[]): Promise<void>;
  /** removes the folder above the groups, where no sandbox needs it any more */
  close(): Promise<void>;
}

export const NO_BOUNDS = (why: string): Bounds => ({
  kind: 'none',
  found: why,
  make: () => Promise.resolve([]),
  of: () => [],
  memoryKills: () => Promise.resolve(0),
  remove: () => Promise.resolve(),
  close: () => Promise.resolve(),
});
