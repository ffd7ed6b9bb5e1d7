/**
 * RFC 6455 frames followed by their headers alone: the relay learns where a frame ends, how long a
 * message grows and which rules a peer breaks, and never holds a payload. One follower a direction.
 */

/** Opcodes the relay tells apart. */
const OPCODE = {
  continuation: 0x0,
  text: 0x1,
  binary: 0x2,
  close: 0x8,
  ping: 0x9,
  pong: 0xa,
} as const;

export interface FrameRules {
  /** frames from a browser are masked, frames from an agent are not */
  readonly masked: boolean;
  /** the longest message, bytes, over all its fragments */
  readonly messageLimit: number;
  /** the most frames one message may be cut into */
  readonly fragmentLimit: number;
}
/** A broken rule, as the close code that the RFC gives it. */
export type FrameFault = 1002 | 1009;

const LONGEST_HEADER = 14;

export class FrameFollower {
  /** frames whose header was seen, data and control */
  frames = 0;
  /** a Close frame was seen: nothing else follows */
  closing = false;
  /** after `follow`: bytes of that chunk up to the last end of a frame in it; -1 where no frame ended */
  lastEnd = -1;
  readonly #rules: FrameRules;
  #header: Buffer | null = null;
  #headerLength = 0;
  #payloadLeft = 0;
  #messageBytes = 0;
  #fragments = 0;

  constructor(rules: FrameRules) {
    this.#rules = rules;
  }

  /** Nothing of a frame is on its way: a frame of one's own may be put in here. */
  get atBoundary(): boolean {
    return this.#payloadLeft === 0 && this.#headerLength === 0;
  }

  /** @returns the first rule that this chunk breaks; the rest of the chunk is then not looked at. */
  follow(chunk: Buffer): FrameFault | null {
    this.lastEnd = -1;
    let at = 0;
    while (at < chunk.length) {
      if (this.#payloadLeft > 0) {
        const taken = Math.min(this.#payloadLeft, chunk.length - at);
        this.#payloadLeft -= taken;
        at += taken;
      } else {
        const step = this.#takeHeader(chunk, at);
        if (typeof step === 'object') return step.fault;
        at += step;
      }
      if (this.atBoundary) this.lastEnd = at;
    }
    return null;
  }

  /** Read the header that begins at `at`, or go on with one that the last chunk cut. @returns bytes used. */
  #takeHeader(chunk: Buffer, at: number): number | { fault: FrameFault } {
    if (this.#headerLength === 0 && chunk.length - at >= 2) {
      const length = headerLength(chunk[at + 1] ?? 0);
      if (chunk.length - at >= length) {
        const fault = this.#enter(chunk, at);
        return fault === null ? length : { fault };
      }
    }
    return this.#gather(chunk, at);
  }

  #gather(chunk: Buffer, at: number): number | { fault: FrameFault } {
    this.#header ??= Buffer.alloc(LONGEST_HEADER);
    const header = this.#header;
    const start = at;
    while (at < chunk.length) {
      header[this.#headerLength++] = chunk[at++] ?? 0;
      if (this.#headerLength < 2 || this.#headerLength < headerLength(header[1] ?? 0)) continue;
      this.#headerLength = 0;
      const fault = this.#enter(header, 0);
      return fault === null ? at - start : { fault };
    }
    return at - start;
  }

  /** A whole header stands at `at`. */
  #enter(bytes: Buffer, at: number): FrameFault | null {
    const first = bytes[at] ?? 0;
    const second = bytes[at + 1] ?? 0;
    const length = payloadLength(bytes, at, second & 0x7f);
    this.frames++;
    if ((first & 0x70) !== 0 || ((second & 0x80) !== 0) !== this.#rules.masked || this.closing) return 1002;
    const fault = (first & 0x08) !== 0 ? this.#control(first, length) : this.#data(first, length);
    this.#payloadLeft = length;
    return fault;
  }

  #control(first: number, length: number): FrameFault | null {
    const opcode = first & 0x0f;
    if (opcode > OPCODE.pong || (first & 0x80) === 0 || length > 125) return 1002;
    if (opcode === OPCODE.close) this.closing = true;
    return null;
  }

  #data(first: number, length: number): FrameFault | null {
    const opcode = first & 0x0f;
    const goesOn = opcode === OPCODE.continuation;
    if (opcode > OPCODE.binary || goesOn !== this.#fragments > 0) return 1002;
    this.#messageBytes += length;
    this.#fragments++;
    if (this.#messageBytes > this.#rules.messageLimit || this.#fragments > this.#rules.fragmentLimit)
      return 1009;
    if ((first & 0x80) !== 0) {
      this.#messageBytes = 0;
      this.#fragments = 0;
    }
    return null;
  }
}

function headerLength(second: number): number {
  const size = second & 0x7f;
  return 2 + (size === 126 ? 2 : size === 127 ? 8 : 0) + ((second & 0x80) !== 0 ? 4 : 0);
}
/** Lengths past 2^53 become inexact, and are far past any limit. */
function payloadLength(bytes: Buffer, at: number, size: number): number {
  if (size === 126) return bytes.readUInt16BE(at + 2);
  if (size === 127) return bytes.readUInt32BE(at + 2) * 2 ** 32 + bytes.readUInt32BE(at + 6);
  return size;
}

/** An empty ping as a server sends it. */
export const PING = Buffer.from([0x89, 0]);
/** A server's Close frame. @param reason cut to what fits a control frame (123 bytes). */
export function closeFrame(code: number, reason = ''): Buffer {
  const text = Buffer.from(reason).subarray(0, 123);
  const frame = Buffer.alloc(4 + text.length);
  frame[0] = 0x88;
  frame[1] = 2 + text.length;
  frame.writeUInt16BE(code, 2);
  text.copy(frame, 4);
  return frame;
}
