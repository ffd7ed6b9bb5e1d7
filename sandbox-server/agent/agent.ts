/** The agent's parts put together. `main.ts` starts it, `http/` is its door. */
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AgentConfig, AgentStatus } from '../contract/agent.ts';
import { createOwner } from './claim.ts';
import type { Owner } from './claim.ts';
import { environmentOf, shellEnvironment } from './environment.ts';
import type { Environment } from './environment.ts';
import { createHub } from './events/hub.ts';
import type { Hub } from './events/hub.ts';
import { watchHome } from './files/changes.ts';
import type { Changes } from './files/changes.ts';
import { createKeptHome } from './homes/kept-home.ts';
import type { KeptHome } from './homes/kept-home.ts';
import { watchLimits } from './limits/watch.ts';
import { keysIn } from './pod/keys.ts';
import { watchPorts } from './ports/listening.ts';
import type { PortsWatch } from './ports/listening.ts';
import { errnoOf } from './refusal.ts';
import { createServices } from './services/services.ts';
import type { CarriedServices } from './services/services.ts';
import { createTickets } from './tickets.ts';
import type { Tickets, TicketTrust } from './tickets.ts';
import { createTokenFiles } from './tokens.ts';
import type { TokenFiles } from './tokens.ts';
import { createCommandFile } from './terminals/commands.ts';
import type { Finished } from './terminals/prompt.ts';
import { createTerminals } from './terminals/terminals.ts';
import type { Terminals } from './terminals/terminals.ts';

const VERSION = '0.1.0';
/** `terminals` events are at most one each so many ms: a loop of quick commands must not flood the page */
const COALESCE = 50;
const LOOK_AT_PORTS = 1000;

export interface Agent {
  readonly config: AgentConfig;
  readonly boot: string;
  readonly owner: Owner;
  readonly tickets: Tickets;
  readonly tokens: TokenFiles;
  readonly services: CarriedServices;
  readonly terminals: Terminals;
  /** the home as a whole: out as a snapshot, in again */
  readonly home: KeptHome;
  readonly hub: Hub;
  /** private folder of this start, 0700 */
  readonly private: string;
  /** environment of a script */
  env(): Environment;
  status(): AgentStatus;
  warn(text: string): void;
  /** to be called when the claim was taken: from now on the home may be looked at */
  claimed(): void;
  close(): Promise<void>;
}

export function createAgent(config: AgentConfig): Agent {
  const boot = randomBytes(12).toString('hex');
  const startedAt = Date.now();
  const owner = createOwner();
  const hub = createHub();
  const own = fs.mkdtempSync(join(tmpdir(), 'palestra-agent-'));
  const tokens = createTokenFiles(own);
  const warn = (text: string): void => hub.tell({ type: 'warning', text: text.slice(0, 500) });
  const services = createServices(warn, config.services);
  const places = {
    token: tokens.defaultPath,
    commands: join(config.logs, 'commands.jsonl'),
    get services() {
      return services.env;
    },
  };
  const trouble = createTrouble(warn);
  const commands = createCommandFile(places.commands, trouble);
  const terminals = createTerminals({
    boot,
    logs: config.logs,
    private: own,
    shell: config.shell,
    reaper: config.reaper,
    home: config.home,
    env: () => shellEnvironment(config, owner.claim, places),
    onChange: coalesced(() => hub.tell({ type: 'terminals', terminals: [...terminals.list()] })),
    onCommand: (terminal, finished) => told(terminal, finished),
    onTrouble: trouble,
  });
  // the file first: a check that the event starts must find its command in it
  const told = (terminal: string, finished: Finished): void => {
    commands.add(terminal, finished);
    void commands.settled().then(() => hub.tell({ type: 'command', terminal, ...finished }));
  };
  const limits = watchLimits({
    watch: config.watch,
    home: config.home,
    shells: () => terminals.shells(),
    claimed: () => owner.claim !== null,
    warn,
  });
  const senses = createSenses(config, owner, hub, services);
  return {
    config,
    boot,
    owner,
    tickets: createTickets({ sandbox: config.sandbox, boot, ...trustOf(config) }),
    tokens,
    services,
    terminals,
    home: createKeptHome({
      home: config.home,
      logs: config.logs,
      terminals,
      claimed: () => owner.claim !== null,
    }),
    hub,
    private: own,
    env: () => environmentOf(config, owner.claim, places),
    status: () => ({
      sandbox: config.sandbox,
      boot,
      version: VERSION,
      lab: owner.claim?.lab ?? null,
      user: owner.claim?.user ?? null,
      now: Date.now(),
      startedAt,
      terminals: [...terminals.list()],
      usage: limits.usage(),
      services: services.status(),
    }),
    warn,
    claimed: () => senses.attend(),
    async close() {
      limits.close();
      senses.close();
      await services.close();
      await terminals.close();
      await commands.settled();
      fs.rmSync(own, { recursive: true, force: true });
    },
  };
}

function trustOf({ keys, keysFolder }: AgentConfig): Pick<TicketTrust, 'keys' | 'moreKeys'> {
  return keysFolder === undefined ? { keys } : { keys, moreKeys: () => keysIn(keysFolder) };
}

/** The log's disk is full, or worse: said to the learner once a minute, and always on stderr. */
function createTrouble(warn: (text: string) => void): (error: unknown) => void {
  let last = 0;
  return (error) => {
    process.stderr.write(`log: ${String(error)}\n`);
    if (Date.now() - last < 60_000) return;
    last = Date.now();
    const full = ['ENOSPC', 'EDQUOT'].includes(errnoOf(error));
    warn(
      full
        ? 'The disk is full: terminals go on, but their history is cut. Remove something.'
        : 'The history of a terminal could not be kept.',
    );
  };
}

function coalesced(act: () => void): () => void {
  let timer: NodeJS.Timeout | null = null;
  return () => {
    timer ??= setTimeout(() => {
      timer = null;
      act();
    }, COALESCE);
  };
}

/** Files and ports are looked at only while somebody listens, and the home only once it is somebody's. */
function createSenses(
  config: AgentConfig,
  owner: Owner,
  hub: Hub,
  services: CarriedServices,
): { attend(): void; close(): void } {
  let open: { files: Changes; ports: PortsWatch } | null = null;
  const close = (): void => {
    open?.files.close();
    open?.ports.close();
    open = null;
  };
  const attend = (): void => {
    if (owner.claim === null || hub.listeners === 0) return;
    if (open !== null) return open.ports.repeat();
    open = {
      files: watchHome(config.home, (changes) => hub.tell({ type: 'files', changes })),
      ports: watchPorts(LOOK_AT_PORTS, (ports) =>
        hub.tell({ type: 'ports', ports: ports.filter(({ port }) => !services.has(port)) }),
      ),
    };
  };
  hub.onAudience((present) => (present ? attend() : close()));
  return { attend, close };
}
