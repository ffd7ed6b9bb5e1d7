/** A stream that lets so many bytes a second through, evenly: a slow line, not a stop and a burst. */
import { Transform } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

/** pieces a second */
const BEAT = 10;

export function throttle(rate: number): Transform {
  const piece = Math.max(1, Math.floor(rate / BEAT));
  const stop = new AbortController();
  const began = Date.now();
  let sent = 0;
  async function pass(stream: Transform, chunk: Buffer): Promise<void> {
    for (let at = 0; at < chunk.length; at += piece) {
      const part = chunk.subarray(at, at + piece);
      stream.push(part);
      sent += part.length;
      const due = began + (sent / rate) * 1000;
      if (due > Date.now()) await delay(due - Date.now(), undefined, { signal: stop.signal });
    }
  }
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      pass(this, chunk).then(
        () => done(),
        (error: unknown) => done(error as Error),
      );
    },
    destroy(error, done) {
      stop.abort();
      done(error);
    },
  });
}
