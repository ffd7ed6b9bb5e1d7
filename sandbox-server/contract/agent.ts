/**
 * What the server says to an agent, over HTTP/1.1 on its socket. Every request carries
 * `Authorization: Palestra <ticket>`; a ticket is `base64url(JSON claims).base64url(Ed25519 signature)`,
 * good once and for seconds. The agent imports this file for its types only.
 *
 * GET    /v1/status                        AgentStatus                      op `status`
 * POST   /v1/claim          Claim       → AgentStatus, 409 if another's     op `claim`
 * PUT    /v1/tokens         Tokens      → 204                               op `tokens`
 * PUT    /v1/services       LentServices→ 204; exactly these from now on     op `services`
 * POST   /v1/give           GiveFiles   → GivenFiles                        op `files`
 * GET    /v1/files/tree?path=           → FileTree                          op `files`
 * GET    /v1/files/content?path=        → bytes, ETag, X-Palestra-Kind: text|binary   op `files`
 * PUT    /v1/files/content?path=        ← bytes; If-Match: "etag" | If-None-Match: * → { etag }   op `files`
 * POST   /v1/files/folder?path=         → 201                               op `files`
 * POST   /v1/files/move     { from, to }→ 204                               op `files`
 * DELETE /v1/files?path=                → 204 (folders recursively)         op `files`
 * POST   /v1/run            RunScript   → RunResult                         op `run`
 * POST   /v1/type           TypeCommand → TypeResult                        op `type`
 * POST   /v1/stop           { terminal }→ 204 at the prompt, 408 after 10 s op `type`
 * GET    /v1/terminals                  → TerminalInfo[]                    op `status`
 * DELETE /v1/terminals/:name            → 204                               op `type`
 * UPGRADE websocket /v1/terminals/:name  the terminal protocol              op `terminal`, mode read|write
 * UPGRADE websocket /v1/events           AgentEvent as text messages        op `events`
 * UPGRADE tcp /v1/ports/:port            raw bytes to 127.0.0.1:port (`Upgrade: tcp`)  op `port`
 * UPGRADE tcp /v1/services               HTTP/2, the agent its client: CONNECT host:port of what is lent   op `services`, mode write
 * GET    /v1/home                       → HomeState                          op `snapshot`
 * POST   /v1/snapshot       HomeBounds  → tar, zstd; trailer X-Palestra-Summary: base64url(JSON SnapshotSummary)  op `snapshot`
 * POST   /v1/restore?bytes=&entries=    ← the same bytes → RestoredHome      op `snapshot`, mode write
 */
import { z } from 'zod';
import { Id, Login, Port, Slug, TerminalName, HomePath } from './names.ts';
import { FileChange } from './files.ts';
import { TerminalInfo } from './terminal.ts';

export const TicketOp = z.enum([
  'status',
  'claim',
  'tokens',
  'services',
  'files',
  'run',
  'type',
  'terminal',
  'events',
  'port',
  'snapshot',
]);
export type TicketOp = z.infer<typeof TicketOp>;
export const TicketClaims = z.object({
  sandbox: Id,
  /** the agent's boot id; `*` only for `status`, which tells it */
  boot: z.string(),
  op: TicketOp,
  mode: z.enum(['read', 'write']),
  /** what it is for where one is named: a terminal's name, a port */
  subject: z.string().max(64).optional(),
  /** unique; the agent remembers it until `exp` */
  jti: z.string().min(16).max(64),
  /** seconds since the epoch; at most 30 s ahead */
  exp: z.number().int(),
});
export type TicketClaims = z.infer<typeof TicketClaims>;

/** Written by the driver to the agent's configuration file before it starts (JSON). Nothing of a learner in it. */
export const AgentConfig = z.object({
  sandbox: Id,
  /** Ed25519 public keys (SPKI, base64) whose tickets are taken: current and next */
  keys: z.array(z.string()).min(1),
  /** folder of such keys as PEM files, read again when a ticket fits none that is known; for sandboxes that outlive a change of keys */
  keysFolder: z.string().optional(),
  /** where to listen: an inherited descriptor, a TCP port (with TLS where it can be reached from outside), or a path */
  listen: z.union([
    z.object({ fd: z.number() }),
    z.object({
      port: z.number(),
      host: z.string(),
      /** PEM files; the server pins the certificate's fingerprint */
      tls: z.object({ cert: z.string(), key: z.string() }).optional(),
    }),
    z.object({ path: z.string() }),
  ]),
  home: z.string(),
  /** folder for terminal logs, beside the home, not in it */
  logs: z.string(),
  /** folder that `LentServices.files` go into; absent: there are none */
  services: z.string().optional(),
  /** PATH entries of the kit, before the system's */
  path: z.array(z.string()),
  /** environment of the kit, for shells and scripts; `{{user}}` is the learner's name once somebody has claimed */
  env: z.record(z.string(), z.string()).optional(),
  /** argv that becomes parent of each shell and reaps orphans, e.g. ["tini","-s","--"]; [] : none */
  reaper: z.array(z.string()),
  shell: z.string(),
  /** watched by the agent where the driver cannot enforce them: bytes, bytes, count; null: enforced or unbounded */
  watch: z.object({
    memory: z.number().nullable(),
    disk: z.number().nullable(),
    pids: z.number().nullable(),
  }),
});
export type AgentConfig = z.infer<typeof AgentConfig>;

/** Who the sandbox is for. The same claim again is answered the same; another lab's is refused (409). */
export const Claim = z.object({
  lab: Id,
  user: Login,
  /** shown in the prompt and git config; already stripped of control characters */
  fullName: z.string().max(100),
  /** hex, per learner and course: $PALESTRA_SEED */
  seed: z.string().regex(/^[0-9a-f]{16}$/),
  /** more environment for shells and checks */
  env: z.record(z.string().regex(/^[A-Z][A-Z0-9_]{0,40}$/), z.string().max(4096)),
});
export type Claim = z.infer<typeof Claim>;

/** Short access tokens; the agent writes each to a 0600 file. `default` is what BEARER_TOKEN_FILE names. */
export const Tokens = z.object({
  tokens: z
    .array(
      z.object({
        name: z.string().regex(/^[a-z0-9-]{1,40}$/),
        token: z.string().max(16384),
        expiresAt: z.number(),
      }),
    )
    .max(16),
});
export type Tokens = z.infer<typeof Tokens>;

/** In the sandbox's folder of services. */
const LentFile = z.string().regex(/^(certificates\/)?[a-z0-9][a-z0-9.-]{0,60}$/);
/**
 * Services that this lesson may use: the agent listens on 127.0.0.1:port inside and carries each connection to the
 * socket, which the driver put there. What is not in the list any more is closed, its connections too.
 */
export const LentServices = z.object({
  endpoints: z
    .array(
      z.object({
        service: Slug,
        host: z.string().min(1).max(64),
        port: Port,
        /** as the sandbox sees it; a socket's path has at most 107 bytes. null: through the server, by its tunnel */
        socket: z.string().min(1).max(107).nullable(),
      }),
    )
    .max(64),
  /** environment of shells that open from now on, and of scripts */
  env: z.record(z.string().regex(/^[A-Z][A-Z0-9_]{0,40}$/), z.string().max(4096)),
  /** certificates, for the agent to lay into `AgentConfig.services`; absent: the driver laid them */
  files: z.record(LentFile, z.string().max(512 * 1024)).optional(),
});
export type LentServices = z.infer<typeof LentServices>;

/** A lesson's `files/`: written where nothing stands; where the learner changed one, as `name.new`. base64 contents. */
export const GiveFiles = z.object({
  files: z.array(z.object({ path: HomePath, content: z.string(), executable: z.boolean() })).max(2000),
  /** overwrite (Reset step) instead of `.new` */
  overwrite: z.boolean().default(false),
});
export type GiveFiles = z.infer<typeof GiveFiles>;
export const GivenFiles = z.object({
  written: z.array(z.string()),
  kept: z.array(z.string()),
  asNew: z.array(z.string()),
});
export type GivenFiles = z.infer<typeof GivenFiles>;

/** Run a check, setup, answer or undo as the learner: `env -i`, fixed PATH, in the home, own process group. */
export const RunScript = z.object({
  lang: z.enum(['bash', 'sh', 'python']),
  code: z.string().max(256 * 1024),
  /** seconds; the group is killed after it */
  timeout: z.number().positive().max(3600),
  /** files laid in $PALESTRA_FIXTURES while it runs; base64 */
  fixtures: z.array(z.object({ path: HomePath, content: z.string(), executable: z.boolean() })).max(500),
  env: z.record(z.string(), z.string()).default({}),
});
export type RunScript = z.infer<typeof RunScript>;
export const RunResult = z.object({
  /** exit status; 128+n for signal n; 124: ran past its timeout */
  exit: z.number().int(),
  /** at most 64 KiB each, the end of it */
  stdout: z.string(),
  stderr: z.string(),
  ms: z.number(),
  timedOut: z.boolean(),
});
export type RunResult = z.infer<typeof RunResult>;

/** Type a block into a terminal at an idle prompt, as one paste that stops at the first failing line. */
export const TypeCommand = z.object({
  /** absent: a free one, opened if needed */
  terminal: TerminalName.optional(),
  code: z.string().max(64 * 1024),
  /** for a Python prompt that stands there; absent: for the shell */
  in: z.literal('python').optional(),
});
export type TypeCommand = z.infer<typeof TypeCommand>;
/** 409 with code `busy` and details { terminal, command } where the prompt is not idle. */
export const TypeResult = z.object({ terminal: TerminalName, offset: z.number().int() });
export type TypeResult = z.infer<typeof TypeResult>;

/** How much of a home a snapshot may hold: bytes of files before compression, and names. */
export const HomeBounds = z.object({
  bytes: z.number().int().positive(),
  entries: z.number().int().positive(),
});
export type HomeBounds = z.infer<typeof HomeBounds>;

/** 32 hex digits that change with any name, size, mode or time in the home */
const Fingerprint = z.string().regex(/^[0-9a-f]{32}$/);
export const HomeState = z.object({
  /**
   * `fresh`: empty, nobody's. `filling`: a snapshot is being unpacked. `torn`: that ended half-way, and has to be done
   * again before anybody may have the home. `whole`: a learner's.
   */
  state: z.enum(['fresh', 'filling', 'torn', 'whole']),
  /** null unless whole or fresh */
  fingerprint: Fingerprint.nullable(),
});
export type HomeState = z.infer<typeof HomeState>;

export const SnapshotSummary = z.object({
  files: z.number().int().nonnegative(),
  /** of files, before compression */
  bytes: z.number().int().nonnegative(),
  /** of the home as it was when the snapshot began */
  fingerprint: Fingerprint,
  /** what is not in it; `some` names the first */
  leftOut: z.object({
    count: z.number().int().nonnegative(),
    some: z.array(z.object({ path: z.string().max(120), why: z.string().max(60) })).max(10),
  }),
  /** files that kept changing while they were read, so that their copy may be torn */
  unsteady: z.object({ count: z.number().int().nonnegative(), some: z.array(z.string().max(120)).max(5) }),
});
export type SnapshotSummary = z.infer<typeof SnapshotSummary>;

export const RestoredHome = z.object({
  files: z.number().int().nonnegative(),
  bytes: z.number().int().nonnegative(),
  fingerprint: Fingerprint,
});
export type RestoredHome = z.infer<typeof RestoredHome>;

export const AgentStatus = z.object({
  sandbox: Id,
  /** random per start of the agent */
  boot: z.string(),
  version: z.string(),
  lab: Id.nullable(),
  user: Login.nullable(),
  /** ms since the epoch by the agent's clock, and since when it runs */
  now: z.number(),
  startedAt: z.number(),
  terminals: z.array(TerminalInfo),
  usage: z.object({ memory: z.number(), disk: z.number(), pids: z.number() }),
  /** services that it carries now: open connections, and those turned away since because there were too many */
  services: z
    .array(
      z.object({
        service: Slug,
        host: z.string().max(64),
        port: z.number().int(),
        /** false: something of the learner's had the port before */
        listening: z.boolean(),
        open: z.number().int(),
        refused: z.number().int(),
      }),
    )
    .max(64)
    .optional(),
});
export type AgentStatus = z.infer<typeof AgentStatus>;

export const AgentEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('hello'), status: AgentStatus }),
  z.object({
    type: z.literal('command'),
    terminal: TerminalName,
    line: z.string().max(4096),
    exit: z.number().int(),
    startedAt: z.number(),
    ms: z.number(),
  }),
  z.object({ type: z.literal('terminals'), terminals: z.array(TerminalInfo).max(64) }),
  z.object({ type: z.literal('files'), changes: z.array(FileChange).max(500) }),
  z.object({
    type: z.literal('ports'),
    ports: z.array(z.object({ port: z.number().int(), command: z.string().max(300) })).max(64),
  }),
  z.object({ type: z.literal('warning'), text: z.string().max(500) }),
]);
export type AgentEvent = z.infer<typeof AgentEvent>;
