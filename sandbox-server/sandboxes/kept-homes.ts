/**
 * What a driver asks of `homes/` where its sandboxes have no disk that outlives them. A driver whose homes stay in
 * place (local, or volumes) goes without.
 */
import type { AgentLink, HomeLink, TunnelLink } from './agent-link.ts';
import type { Sandbox } from './driver.ts';

/** A lab's home in one sandbox. Who saves or restores names both: a home belongs to the sandbox that had it last. */
export interface HomeIn {
  readonly lab: string;
  /** the sandbox's id */
  readonly sandbox: string;
}
export interface RestoredFrom {
  /** when it was saved, ms; null: the lab has nothing saved yet, the home stays empty */
  readonly savedAt: number | null;
  readonly bytes: number;
  /** a sentence where the newest could not be used and an earlier one was */
  readonly note: string | null;
}
export interface SavedHome {
  readonly at: number;
  /** compressed */
  readonly bytes: number;
  /** false: nothing had changed since */
  readonly anew: boolean;
}
/** Bytes that have gone into the sandbox, of all. */
export type OnRestore = (done: number, all: number) => void;
export type SandboxLink = AgentLink & HomeLink & TunnelLink;
export type SandboxLinkTo = (sandbox: Pick<Sandbox, 'id' | 'agent'>) => SandboxLink;

export interface KeptHomes {
  /**
   * After a claim is confirmed, before anybody is told of the sandbox (the agent not yet claimed). From now on the home
   * is this sandbox's: what another still has can no longer be saved. Again with the same sandbox: done once.
   * @throws Problem: nothing usable may be in the sandbox; release it
   */
  restoreInto(
    home: HomeIn,
    link: SandboxLink,
    onRestore?: OnRestore,
    signal?: AbortSignal,
  ): Promise<RestoredFrom>;
  /**
   * Before a sandbox is ended. Tries for minutes where the store is away.
   * @returns null where there is nothing (more) to save: the agent is gone, or the home is another sandbox's by now
   * @throws Problem `unavailable`: it is not saved, and the sandbox must not be ended yet
   */
  saveFrom(home: HomeIn, link: SandboxLink, signal?: AbortSignal): Promise<SavedHome | null>;
  /** ms since the epoch; null: never */
  savedAt(lab: string): Promise<number | null>;
  /** everything kept of this lab goes, for good */
  discard(lab: string): Promise<void>;
}
