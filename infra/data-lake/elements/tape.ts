/**
 * What stands for tape: the first read of a file waits until it is staged, then it lies on the disk buffer a while and
 * reads go at once. Its size, its checksum and listings come from the catalogue and never wait, nor do writes, which go
 * to the buffer first.
 */
export interface TapePace {
  /** from request to first byte of a file that lies on tape only */
  readonly stageMs: number;
  /** how long a file stays on the buffer after it was last read */
  readonly keptMs: number;
}

/** a wait that a learner notices and no client gives up on */
export const TAPE: TapePace = { stageMs: 3_000, keptMs: 60_000 };

export interface Tape {
  /** How long this read waits, in ms. Who comes while it is staged waits for what is left. */
  read(path: string, now?: number): number;
}

/** files on the buffer at once; beyond, the longest unread ones are back on tape only */
const BUFFER_FILES = 10_000;

export function createTape(pace: TapePace): Tape {
  /** path → when it is (or was) staged, and until when it is kept; oldest read first */
  const buffer = new Map<string, { readonly staged: number; readonly kept: number }>();
  return {
    read(path, now = Date.now()) {
      const found = buffer.get(path);
      const staged = found !== undefined && now < found.kept ? found.staged : now + pace.stageMs;
      buffer.delete(path);
      buffer.set(path, { staged, kept: Math.max(staged, now) + pace.keptMs });
      const oldest = buffer.size > BUFFER_FILES ? buffer.keys().next().value : undefined;
      if (oldest !== undefined) buffer.delete(oldest);
      return Math.max(0, staged - now);
    },
  };
}
