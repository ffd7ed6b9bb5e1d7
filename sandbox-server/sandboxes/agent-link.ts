/**
 * The agent as the rest of the server sees it. What an agent answers is the learner's to forge:
 * every reply is bounded in size and time, parsed by the contract's schema, and never about another sandbox.
 * Failures are `Problem`s: `agent-unreachable`, `agent-misbehaved`, `timeout`, or the agent's own code.
 */
import type { Duplex, Readable } from 'node:stream';
import type {
  AgentEvent,
  AgentStatus,
  Claim,
  GivenFiles,
  GiveFiles,
  HomeBounds,
  HomeState,
  LentServices,
  RestoredHome,
  RunResult,
  RunScript,
  SnapshotSummary,
  Tokens,
  TypeCommand,
  TypeResult,
} from '../contract/agent.ts';
import type { FileTree } from '../contract/files.ts';
import type { TerminalInfo } from '../contract/terminal.ts';
import type { Sandbox } from './driver.ts';

/** A file on its way to a learner; `body` is bounded by the caller's limit and must be consumed or destroyed. */
export interface FileContent {
  readonly etag: string;
  readonly size: number;
  readonly kind: 'text' | 'binary';
  readonly body: Readable;
}
export type Precondition =
  { readonly ifMatch: string } | { readonly ifNoneMatch: '*' } | Record<string, never>;

export interface AgentLink {
  status(): Promise<AgentStatus>;
  claim(claim: Claim): Promise<AgentStatus>;
  tokens(tokens: Tokens): Promise<void>;
  /** exactly these services from now on */
  services(services: LentServices): Promise<void>;
  give(files: GiveFiles): Promise<GivenFiles>;
  run(script: RunScript, signal?: AbortSignal): Promise<RunResult>;
  type(command: TypeCommand): Promise<TypeResult>;
  /** Ctrl-C and wait for the prompt */
  stop(terminal: string): Promise<void>;
  terminals(): Promise<readonly TerminalInfo[]>;
  closeTerminal(name: string): Promise<void>;
  tree(path: string): Promise<FileTree>;
  read(path: string): Promise<FileContent>;
  write(path: string, body: Readable | Buffer, precondition: Precondition): Promise<{ etag: string }>;
  makeFolder(path: string): Promise<void>;
  move(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Events until closed; reconnects by itself with back-off and says `hello` each time. */
  events(listener: (event: AgentEvent) => void, onState?: (state: 'connected' | 'lost') => void): Disposable;
  /** A raw stream to a port of the sandbox's loopback. */
  port(port: number): Promise<Duplex>;
  /**
   * The server's own handshake for a relayed socket: a fresh request head to the agent (no cookie, no
   * authorization of the viewer, no extensions), exactly 101 with the right Accept in ≤ 8 KiB and ≤ 2 s.
   * @returns the agent's socket, positioned at the first frame.
   */
  terminalSocket(name: string, mode: 'read' | 'write'): Promise<Duplex>;
}

/** A home on its way out of a sandbox. Whoever takes it reads `body` to its end or destroys it. */
export interface HomeSnapshot {
  /** tar in zstd, opaque to the server: a learner made it */
  readonly body: Readable;
  /** to be asked once `body` has ended: without a proper one the snapshot is not whole */
  summary(): SnapshotSummary;
}
/** Homes in and out of a sandbox: what `homes/` needs of a link, besides the rest. */
export interface HomeLink {
  home(): Promise<HomeState>;
  /** Problem `conflict` where the home is not whole or another snapshot is under way */
  snapshot(bounds: HomeBounds, signal?: AbortSignal): Promise<HomeSnapshot>;
  /** Into an unclaimed or empty sandbox; what an earlier try left there goes. Problem `conflict` elsewhere. */
  restore(body: Readable, bounds: HomeBounds, signal?: AbortSignal): Promise<RestoredHome>;
}

/** What a driver needs whose sandboxes reach services through the server. */
export interface TunnelLink {
  /** the agent's end of a tunnel for what it was lent (contract/agent.ts): HTTP/2 whose client it is; takes the place of the one before */
  tunnel(): Promise<Duplex>;
}

/** One link for each sandbox; keeps the boot id it last saw. */
export type LinkTo = (sandbox: Pick<Sandbox, 'id' | 'agent'>) => AgentLink;
