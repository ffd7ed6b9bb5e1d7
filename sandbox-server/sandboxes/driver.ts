/**
 * A driver is a way to run sandboxes. It only claims, releases, lists, watches and keeps n warm:
 * terminals, files, checks, previews and tokens are the agent's, the same behind every driver.
 * `conformance.ts` runs one suite against each driver and against the in-memory one.
 */
import type { AgentConfig, LentServices } from '../contract/agent.ts';
import type { Stage } from '../contract/lab.ts';

/** Where a sandbox's agent answers. The path or pin comes from a record the server wrote, never from the sandbox. */
export type AgentAddress =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tls'; readonly host: string; readonly port: number; readonly pin: string };

/** How well the bounds hold: by the kernel, watched by the agent, or not at all. */
export type Isolation = 'enforced' | 'advisory' | 'unsandboxed';

export interface Sandbox {
  readonly id: string;
  readonly kit: string;
  /** the lab it was given to; null while warm */
  readonly lab: string | null;
  readonly agent: AgentAddress;
  readonly isolation: Isolation;
  /** ms since the epoch */
  readonly startedAt: number;
}

export type SandboxEvent =
  | { readonly type: 'ready'; readonly sandbox: Sandbox }
  | { readonly type: 'claimed'; readonly sandbox: Sandbox }
  /** ended without being asked to: killed, out of memory, the machine went away */
  | { readonly type: 'lost'; readonly sandbox: Sandbox; readonly reason: string }
  /** its machine is to be emptied: to be released soon. It runs on until then, and is told again where nobody does. */
  | { readonly type: 'leaving'; readonly sandbox: Sandbox; readonly reason: string }
  | { readonly type: 'released'; readonly sandbox: Sandbox };

/** What a claim asks for. The same lab again gives the same sandbox, also across a crash of the server. */
export interface ClaimRequest {
  readonly lab: string;
  readonly kit: string;
  readonly signal?: AbortSignal;
  /** told of what takes longer than a moment, e.g. `home`, "Restoring your files: 3 of 12 MB" */
  readonly onStage?: (name: string, text: string, progress?: Stage['progress']) => void;
  /** called once it is sure of a sandbox that takes longer than a moment to start: others may claim meanwhile */
  readonly onPlace?: () => void;
  /** told in a sentence what its learner must know of the sandbox they get, e.g. that its files are older ones */
  readonly onNote?: (text: string) => void;
}

/** A service as a sandbox is lent it: its names inside, where they go on this machine, whose certificates it has. */
export interface Lending {
  readonly name: string;
  readonly endpoints: readonly {
    readonly host: string;
    readonly port: number;
    readonly to: { readonly host: string; readonly port: number };
  }[];
  /** PEM file on this machine; null: publicly trusted */
  readonly ca: string | null;
}

/** One thing `palestra doctor` looks at. */
export interface Probe {
  readonly name: string;
  readonly ok: boolean;
  /** `needed`: without it no sandbox starts; `wanted`: weaker, and said so */
  readonly need: 'needed' | 'wanted';
  readonly found: string;
  /** what to do where not ok */
  readonly todo: string;
}

export interface Driver {
  readonly name: string;
  probe(): Promise<readonly Probe[]>;
  /** find again what runs; to be called once before anything else */
  adopt(): Promise<readonly Sandbox[]>;
  /** keep n warm sandboxes of this kit; 0 drains. Returns at once. */
  keepWarm(kit: string, n: number): void;
  claim(request: ClaimRequest): Promise<Sandbox>;
  /**
   * Makes exactly these services reachable in the sandbox of this lab, and answers what its agent is to be told.
   * The same again changes nothing; none takes away what was lent. Problem `sandbox-gone` where it has none.
   */
  lend(lab: string, services: readonly Lending[]): Promise<LentServices>;
  /**
   * End the sandbox of this lab; its home is kept, unless `forget` says that nobody will want it. No sandbox is no
   * error. Problem `unavailable` where the home could not be saved just now: the sandbox still runs, ask again.
   */
  release(lab: string, how?: { readonly forget: boolean }): Promise<void>;
  /** remove the lab's home for good (after release) */
  discard(lab: string): Promise<void>;
  list(): Promise<readonly Sandbox[]>;
  watch(listener: (event: SandboxEvent) => void): Disposable;
  /** stop watching and refilling; running sandboxes go on */
  close(): Promise<void>;
}

/** The part of an agent's configuration that a driver does not decide. */
export type AgentTrust = Pick<AgentConfig, 'keys'>;
