/** Runs a named part of a build; how long it took is told. */
export type Stage = <T>(name: string, work: () => Promise<T>) => Promise<T>;
