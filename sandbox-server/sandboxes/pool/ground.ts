/** What a driver must be able to do with one sandbox; the pool decides when. */
import type { Sandbox } from '../driver.ts';

export interface Ground {
  /** resolves once sandboxes of this kit can be started; starts its preparation where needed */
  readonly prepare: (kit: string, signal: AbortSignal) => Promise<void>;
  /** one warm sandbox whose agent answers. Throws Problem `kit-preparing` where the kit is not usable yet. */
  readonly start: (kit: string) => Promise<Sandbox>;
  /**
   * Gives a warm sandbox to a lab with its home in place. Durable: once the lab's name is written,
   * a server that starts again finds the sandbox under it. Throws Problem `sandbox-gone` where it died.
   */
  readonly give: (sandbox: Sandbox, lab: string) => Promise<Sandbox>;
  /** ends it and removes everything but the lab's home. Ending twice is no error. */
  readonly end: (sandbox: Sandbox) => Promise<void>;
}
