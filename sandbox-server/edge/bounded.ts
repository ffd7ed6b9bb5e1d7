/** A stream that ends with a problem where it grows past its bound. */
import { Transform } from 'node:stream';
import { Problem } from '../contract/errors.ts';

/** @param limit bytes; @param what begins the sentence, e.g. "An upload". */
export function bounded(limit: number, what: string): Transform {
  let seen = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen += chunk.length;
      if (seen > limit) done(tooLarge(limit, what));
      else done(null, chunk);
    },
  });
}
export function tooLarge(limit: number, what: string): Problem {
  const mib = Math.floor(limit / 1024 ** 2);
  return new Problem('too-large', `${what} may be ${mib} MiB at most. Nothing was changed.`, {
    details: { limit },
  });
}
