/** At most `n` at a time, first come first served. */
export interface Turns {
  run<T>(work: () => Promise<T>): Promise<T>;
  /** how many wait for a turn */
  readonly waiting: number;
}

export function createTurns(n: number): Turns {
  let free = n;
  const queue: (() => void)[] = [];
  const enter = async () => {
    if (free > 0) free -= 1;
    else await new Promise<void>((go) => queue.push(go));
  };
  const leave = () => {
    const next = queue.shift();
    if (next === undefined) free += 1;
    else next();
  };
  return {
    async run(work) {
      await enter();
      try {
        return await work();
      } finally {
        leave();
      }
    },
    get waiting() {
      return queue.length;
    },
  };
}
