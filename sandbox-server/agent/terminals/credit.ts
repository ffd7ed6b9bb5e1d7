/**
 * How many bytes may be on their way to one client: what its path carries in `TARGET` ms beyond its own delay.
 * A fixed window caps throughput at window/RTT; none at all puts seconds between Ctrl-C and the prompt
 * (performance.md). The rate is the best of the last samples, the delay the least seen lately.
 */
/** never less than a client may leave unacknowledged (it says so each 32 KiB), or both would wait;
 * also the first: a wider one would measure its own queue as the delay of the path */
export const LEAST = 32 * 1024;
export const MOST = 4 * 1024 * 1024;
/** ms of output at the client's own pace that may stand between Ctrl-C and the prompt */
const TARGET = 8;
/** rates older than this, ms, no longer count */
const RATE_LIFE = 1000;
/** after so long without a smaller delay, one round at the least window measures it anew (a standing queue hides it) */
const PROBE_EVERY = 10_000;
const MOST_MARKS = 64;

interface Mark {
  readonly end: number;
  readonly at: number;
  readonly ackedThen: number;
}

export class Credit {
  #sent: number;
  #acked: number;
  #window = LEAST;
  #marks: Mark[] = [];
  #rates: { rate: number; at: number }[] = [];
  #delay = Infinity;
  #delayAt = 0;
  #probing: number | null = null;

  /** @param offset where the client stands */
  constructor(offset: number) {
    this.#sent = offset;
    this.#acked = offset;
  }
  get window(): number {
    return this.#probing === null ? this.#window : LEAST;
  }
  get acked(): number {
    return this.#acked;
  }
  /** bytes that may be sent now */
  get room(): number {
    return Math.max(0, this.#acked + this.window - this.#sent);
  }

  /** @param end offset after the last byte sent; @param now ms, monotonic */
  sent(end: number, now: number): void {
    this.#sent = end;
    const last = this.#marks.at(-1);
    if (this.#marks.length >= MOST_MARKS || (last !== undefined && end - last.end < LEAST / 8)) return;
    this.#marks.push({ end, at: now, ackedThen: this.#acked });
  }

  /** @returns whether it moved; an ack of bytes never sent, or an old one, does not */
  ack(offset: number, now: number): boolean {
    if (offset <= this.#acked || offset > this.#sent) return false;
    this.#acked = offset;
    let mark: Mark | undefined;
    while ((this.#marks[0]?.end ?? Infinity) <= offset) mark = this.#marks.shift();
    if (mark !== undefined) this.#learn(mark, now);
    return true;
  }

  /** The stream goes on at `offset`; what was on its way counts as arrived. */
  jump(offset: number): void {
    this.#sent = offset;
    this.#acked = offset;
    this.#marks = [];
  }

  #learn(mark: Mark, now: number): void {
    const delay = Math.max(0.05, now - mark.at);
    if (delay <= this.#delay || this.#probing !== null) this.#measured(delay, mark, now);
    else if (now - this.#delayAt > PROBE_EVERY) this.#probing = this.#sent;
    this.#rates = this.#rates.filter((one) => now - one.at < RATE_LIFE).slice(-32);
    this.#rates.push({ rate: (this.#acked - mark.ackedThen) / delay, at: now });
    const rate = Math.max(...this.#rates.map((one) => one.rate));
    this.#window = Math.min(MOST, Math.max(LEAST, Math.round(rate * (this.#delay + TARGET))));
  }

  #measured(delay: number, mark: Mark, now: number): void {
    if (this.#probing !== null && mark.end <= this.#probing) return;
    this.#probing = null;
    this.#delay = delay;
    this.#delayAt = now;
  }
}
