/**
 * Where a client stands in a terminal's log: absolute byte offsets, nothing else. Pure.
 * received: handed to the screen · drawn: parsed by it · acked: told to the agent · liveFrom: below it all is replay.
 */
export interface Position {
  readonly received: number;
  readonly drawn: number;
  readonly acked: number;
  readonly liveFrom: number;
}
/** `from: -1`: the newest screenful. */
export const NOWHERE: Position = { received: -1, drawn: -1, acked: -1, liveFrom: 0 };

/** An ack goes out at this many bytes at the latest; the agent's smallest window is 32 KiB, so at half of it. */
export const ACK_BYTES = 16 * 1024;
/** … and this long after the last bytes were drawn, in milliseconds. */
export const ACK_IDLE_MS = 20;

/** The stream begins at `start` and is live from `end` on. What was drawn before stays drawn. */
export function atWelcome(position: Position, welcome: { start: number; end: number }): Position {
  const drawn = position.received === -1 ? welcome.start : Math.max(position.drawn, 0);
  const jumped = position.received === -1 || welcome.start > position.received;
  return {
    received: jumped ? welcome.start : position.received,
    drawn: jumped ? welcome.start : drawn,
    acked: Math.min(position.acked === -1 ? welcome.start : position.acked, welcome.start),
    liveFrom: welcome.end,
  };
}

export interface Piece {
  readonly bytes: Uint8Array;
  readonly live: boolean;
}

/**
 * Takes bytes that begin at `at` in the log.
 * @returns what is new of them, cut where the replay ends, so that every piece is replay or live as a whole
 */
export function take(
  position: Position,
  at: number,
  bytes: Uint8Array,
): { position: Position; pieces: readonly Piece[] } {
  const known = Math.min(Math.max(position.received - at, 0), bytes.length);
  const fresh = bytes.subarray(known);
  if (fresh.length === 0) return { position, pieces: [] };
  const begin = at + known;
  const replayed = Math.min(Math.max(position.liveFrom - begin, 0), fresh.length);
  const pieces: Piece[] = [];
  if (replayed > 0) pieces.push({ bytes: fresh.subarray(0, replayed), live: false });
  if (replayed < fresh.length) pieces.push({ bytes: fresh.subarray(replayed), live: true });
  return { position: { ...position, received: begin + fresh.length }, pieces };
}

export function afterDrawing(position: Position, count: number): Position {
  return { ...position, drawn: position.drawn + count };
}

/** A viewer was too slow and the stream goes on at `to`. */
export function afterSkip(position: Position, to: number): Position {
  return { ...position, received: to, drawn: to };
}

/** Below `liveFrom` the screen must answer no query: those are answers to somebody long gone. */
export function isReplaying(position: Position): boolean {
  return position.drawn < position.liveFrom;
}

/** @param idle whether nothing more was drawn for ACK_IDLE_MS. @returns the offset to acknowledge, or null */
export function ackDue(position: Position, idle: boolean): number | null {
  const owed = position.drawn - position.acked;
  return owed >= ACK_BYTES || (idle && owed > 0) ? position.drawn : null;
}

export function afterAck(position: Position, offset: number): Position {
  return { ...position, acked: offset };
}
