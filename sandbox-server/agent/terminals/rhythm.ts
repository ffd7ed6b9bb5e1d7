/**
 * When to send what a pty printed: at once while it is quiet (an echo waits for nothing), in batches of up to 64 KiB
 * while it floods, because one message for each 4 KiB read costs a third of the throughput. A turn of the event loop
 * without output ends a batch, so other sessions always get theirs.
 */
const BATCH = 64 * 1024;
const ROUNDS = 16;
/** an immediate runs in the turn it was asked for: the pty has been looked at again only in the second */
const QUIET = 2;

export interface Rhythm {
  /** @param bytes just appended; 0 for a message without bytes */
  arrived(bytes: number): void;
  stop(): void;
}

export function createRhythm(send: () => void): Rhythm {
  let turn: NodeJS.Immediate | null = null;
  let unsent = 0;
  let rounds = 0;
  let quiet = 0;

  const flush = (): void => {
    unsent = 0;
    rounds = 0;
    send();
  };
  const next = (): void => {
    quiet += 1;
    rounds += 1;
    turn = quiet < QUIET ? setImmediate(next) : null;
    if (unsent > 0 && (quiet >= QUIET || unsent >= BATCH || rounds >= ROUNDS)) flush();
  };
  return {
    arrived(bytes) {
      quiet = 0;
      if (turn === null) {
        turn = setImmediate(next);
        flush();
      } else unsent += Math.max(1, bytes);
    },
    stop() {
      if (turn !== null) clearImmediate(turn);
      turn = null;
    },
  };
}
