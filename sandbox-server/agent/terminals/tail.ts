/**
 * The newest bytes of a terminal in memory, so that a live client is never read from disk. Bytes are copied into
 * blocks: one-byte echoes kept as buffers of their own would cost a hundred times their size.
 */
const BLOCK = 64 * 1024;
const FIRST_BLOCK = 4 * 1024;

interface Block {
  readonly start: number;
  readonly bytes: Buffer;
  used: number;
}

export class Tail {
  #blocks: Block[] = [];
  #end: number;

  /** @param end absolute offset of the first byte to come */
  constructor(end: number) {
    this.#end = end;
  }
  /** offset of the oldest byte still here */
  get start(): number {
    return this.#blocks[0]?.start ?? this.#end;
  }
  get end(): number {
    return this.#end;
  }

  append(chunk: Buffer): void {
    let done = 0;
    while (done < chunk.length) {
      const block = this.#roomy();
      const copied = chunk.copy(block.bytes, block.used, done);
      block.used += copied;
      done += copied;
      this.#end += copied;
    }
  }

  /** Bytes from `from`, at most `max`, as far as they lie in one block; null where they are not in memory. Never copied: do not write to it. */
  slice(from: number, max: number): Buffer | null {
    if (from < this.start || from >= this.#end) return null;
    const block = this.#blockOf(from);
    const at = from - block.start;
    return block.bytes.subarray(at, Math.min(block.used, at + max));
  }

  /** Forget whole blocks that end at or before `offset`. */
  release(offset: number): void {
    let gone = 0;
    for (const block of this.#blocks) {
      if (block.start + block.used > offset || block.used < block.bytes.length) break;
      gone += 1;
    }
    if (gone > 0) this.#blocks.splice(0, gone);
  }

  #roomy(): Block {
    const last = this.#blocks.at(-1);
    if (last !== undefined && last.used < last.bytes.length) return last;
    const size = last === undefined ? FIRST_BLOCK : Math.min(BLOCK, last.bytes.length * 4);
    const block = { start: this.#end, bytes: Buffer.allocUnsafeSlow(size), used: 0 };
    this.#blocks.push(block);
    return block;
  }

  /** Binary search: at 1 MiB there are at most some twenty blocks, while the disk lags a hundred. */
  #blockOf(offset: number): Block {
    let low = 0;
    let high = this.#blocks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#blocks[middle]?.start ?? Infinity) <= offset) low = middle;
      else high = middle - 1;
    }
    const block = this.#blocks[low];
    if (block === undefined) throw new RangeError(`no byte ${offset} in memory`);
    return block;
  }
}
