/** No more than so many works at a time, begun in the order they were asked for. */

export interface Lanes {
  run<T>(work: () => Promise<T>): Promise<T>;
}

export function createLanes(most: number): Lanes {
  const waiting: (() => void)[] = [];
  let free = most;
  const enter = async (): Promise<void> => {
    if (free > 0) free -= 1;
    else await new Promise<void>((go) => waiting.push(go));
  };
  const leave = (): void => {
    const next = waiting.shift();
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
  };
}
