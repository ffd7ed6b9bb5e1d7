/** What passes between a sandbox and the store is counted, hashed and bounded: the server never looks into it. */
import { createHash } from 'node:crypto';
import { Transform } from 'node:stream';
import { Problem } from '../contract/errors.ts';

export interface Meter {
  readonly stream: Transform;
  readonly bytes: () => number;
  readonly sha256: () => string;
}

/**
 * @param most bytes; more is a sandbox that misbehaves (T77)
 * @param atEnd called before the end is passed on: what it throws, the reader gets instead of an end
 */
export function meter(most: number, atEnd: () => void): Meter {
  const hash = createHash('sha256');
  let bytes = 0;
  let digest = '';
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > most) return done(tooLong(most));
      hash.update(chunk);
      done(null, chunk);
    },
    flush(done) {
      digest = hash.digest('hex');
      try {
        atEnd();
        done();
      } catch (error) {
        done(error as Error);
      }
    },
  });
  return { stream, bytes: () => bytes, sha256: () => digest };
}

/** The object is not what was saved. */
export class Damaged extends Problem {
  constructor(how: string) {
    super('internal', `A saved copy of this home is damaged: ${how}.`);
    this.name = 'Damaged';
  }
}

/**
 * Holds the last piece back until everything before it was right: a sandbox never sees the end of a damaged copy.
 * @param onBytes told how many have passed
 */
export function verified(
  expected: { sha256: string; size: number },
  onBytes: (done: number) => void,
): Transform {
  const hash = createHash('sha256');
  let held: Buffer | null = null;
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      hash.update(chunk);
      const before = held;
      held = chunk;
      onBytes(bytes);
      if (before === null) done();
      else done(null, before);
    },
    flush(done) {
      if (bytes !== expected.size) return done(new Damaged(`${bytes} bytes instead of ${expected.size}`));
      if (hash.digest('hex') !== expected.sha256) return done(new Damaged('its checksum is another'));
      done(null, held);
    },
  });
}

/** Acts once nothing has moved for so long. Backpressure counts as well: a store that takes nothing is as good as away. */
export function onceStalled(moved: () => number, ms: number, act: () => void): Disposable {
  let before = -1;
  const timer = setInterval(() => {
    const now = moved();
    if (now === before) act();
    before = now;
  }, ms).unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

function tooLong(most: number): Problem {
  return new Problem(
    'agent-misbehaved',
    `The sandbox sent a home of more than ${Math.round(most / 1024 ** 2)} MB. It was not saved.`,
  );
}
