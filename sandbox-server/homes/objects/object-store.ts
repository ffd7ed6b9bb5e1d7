/**
 * Where snapshots lie: bytes under a key. A key is written once and is whole or not there; who reads it later is never
 * told half. What is newest, and whether it is right, is not said here but in the database.
 */
import type { Readable } from 'node:stream';
import { Problem } from '../../contract/errors.ts';

export interface StoredObject {
  readonly key: string;
  /** bytes */
  readonly size: number;
  /** when it was written, ms */
  readonly at: number;
}
export interface ObjectStore {
  /** for messages, without secrets */
  readonly name: string;
  /**
   * Streams it in, with bounded memory. Rejects with the body's own error where that fails, and leaves nothing then.
   * @throws `taken` where the key is there already, `unavailable` where the store cannot take it now
   * @returns bytes written, on the disk
   */
  put(key: string, body: Readable, signal?: AbortSignal): Promise<number>;
  /** @throws Problem `not-found`, `unavailable`; the body's later errors are the connection's own */
  get(key: string, signal?: AbortSignal): Promise<{ readonly body: Readable; readonly size: number }>;
  /** nothing there is no error */
  remove(key: string): Promise<void>;
  /** in order of keys */
  list(prefix: string): AsyncIterable<StoredObject>;
  /** removes what uploads that never ended left, where they began before this, ms */
  tidy(before: number): Promise<void>;
  close(): void;
}

/** Parts of a-z, 0-9, `-` and `.`, none of them hidden: a key is a path, too. */
export function isKey(key: string): boolean {
  return key.length <= 200 && /^[a-z0-9][a-z0-9.-]*(?:\/[a-z0-9][a-z0-9.-]*)*$/.test(key);
}

/** Something stands under the key. Told apart by its details from what an agent calls a conflict. */
export function taken(cause: unknown): Problem {
  return new Problem('conflict', 'This home was saved under this number before.', {
    cause,
    details: { taken: true },
  });
}
