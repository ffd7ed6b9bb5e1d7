/** One at a time for each key: a rotating refresh token must never be used twice (finding 10). */
export interface Turns {
  /** runs `work` after everything begun before it under this key, whether that failed or not */
  take<T>(key: string, work: () => Promise<T>): Promise<T>;
  /** resolves when nothing runs */
  settled(): Promise<void>;
}

/** @param among puts it in order among servers as well (finding 13); default: there are no others */
export function turns(
  among: <T>(key: string, work: () => Promise<T>) => Promise<T> = (_, work) => work(),
): Turns {
  const last = new Map<string, Promise<unknown>>();
  return {
    take<T>(key: string, work: () => Promise<T>) {
      const begin = (): Promise<T> => among(key, work);
      const mine = (last.get(key) ?? Promise.resolve()).then(begin, begin);
      const over = mine.then(nothing, nothing);
      last.set(key, over);
      void over.then(() => last.get(key) === over && last.delete(key));
      return mine;
    },
    settled: async () => void (await Promise.all(last.values())),
  };
}

function nothing(): void {
  // how a turn ended is told to whoever took it
}
