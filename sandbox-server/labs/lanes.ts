/** Work on one thing strictly one after the other, in the order it was asked for; different things side by side. */
export interface Lanes {
  in<T>(key: string, work: () => Promise<T>): Promise<T>;
  /** resolves once nothing is under way */
  settled(): Promise<void>;
}

export function createLanes(): Lanes {
  const tails = new Map<string, Promise<unknown>>();
  return {
    in<T>(key: string, work: () => Promise<T>): Promise<T> {
      const before = tails.get(key) ?? Promise.resolve();
      const mine = before.then(work);
      // a failure is its caller's; the lane only waits for the end
      const end = mine.then(nothing, nothing);
      tails.set(key, end);
      void end.then(() => {
        if (tails.get(key) === end) tails.delete(key);
      });
      return mine;
    },
    async settled() {
      while (tails.size > 0) await Promise.all(tails.values());
    },
  };
}

function nothing(): void {
  // the lane's tail carries no value
}
