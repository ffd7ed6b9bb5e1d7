/** What either engine says where a unique index refuses a row. */
const TAKEN: readonly unknown[] = ['SQLITE_CONSTRAINT_UNIQUE', '23505'];

/** Whether a write failed because somebody else has what may be had once. */
export function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && TAKEN.includes(error.code);
}
