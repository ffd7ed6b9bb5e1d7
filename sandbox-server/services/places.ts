/** At most `n` at a time, first come first served: an event's 28 admissions must not be 28 processes. */
export type Places = <T>(work: () => Promise<T>) => Promise<T>;

export function createPlaces(n: number): Places {
  let free = n;
  const queue: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((go) => queue.push(go));
    try {
      return await work();
    } finally {
      const next = queue.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}
