/** A relay on its own: a real store, real tickets, real sockets, an agent of one's choice and one lab. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket } from 'ws';
import { Problem } from '../../contract/errors.ts';
import type { ErrorCode } from '../../contract/errors.ts';
import type { Lab, LabState } from '../../contract/lab.ts';
import { CLOSE, TERMINAL_PROTOCOL } from '../../contract/terminal.ts';
import type { Viewer } from '../viewer.ts';
import { entitlementsOf } from '../../identity/groups.ts';
import type { Labs, OpenLab } from '../../labs/face.ts';
import type { AgentLink } from '../../sandboxes/agent-link.ts';
import { testStore } from '../../store/testing/store.ts';
import { silentLog } from '../../telemetry/index.ts';
import { createRelay } from '../terminal-relay.ts';
import type { Relay, RelayOptions } from '../terminal-relay.ts';
import { createTickets } from '../tickets.ts';

export const LAB = 'a'.repeat(20);
export const SANDBOX = 'b'.repeat(20);

export function somebody(session = 'session-1', until = Date.now() + 3_600_000): Viewer {
  const person = { id: 'p'.repeat(20), login: 'ada', name: 'Ada', email: null, groups: [] };
  return {
    session,
    person,
    entitlements: entitlementsOf([], { '*': { roles: ['learner'], labs: 3 } }),
    until,
  };
}

/** One lab of Ada's whose agent is the given one. */
export function oneLab(agent: Pick<AgentLink, 'terminalSocket'> & Partial<AgentLink>) {
  let state: LabState = 'ready';
  let tell: ((lab: string, why: 'paused' | 'ended' | 'lost') => void) | undefined;
  const lab = () => ({ id: LAB, state, sandbox: SANDBOX }) as Lab;
  const open = (): OpenLab => ({
    lab: lab(),
    sandbox: { id: SANDBOX } as OpenLab['sandbox'],
    agent: agent as AgentLink,
  });
  const mine = (id: string): void => {
    if (id !== LAB) throw new Problem('not-found', 'There is no such lab.');
  };
  const labs = {
    async open(_who: Viewer, id: string) {
      mine(id);
      return Promise.resolve(open());
    },
    async get(_who: Viewer, id: string) {
      mine(id);
      return Promise.resolve(lab());
    },
    bySandbox: (id: string) => Promise.resolve(id === SANDBOX && state === 'ready' ? open() : null),
    onClosed(listener: (lab: string, why: 'paused' | 'ended' | 'lost') => void) {
      tell = listener;
      return { [Symbol.dispose]: () => (tell = undefined) };
    },
  } satisfies Partial<Labs>;
  return {
    labs,
    closeAs(why: 'paused' | 'ended' | 'lost', next: LabState) {
      state = next;
      tell?.(LAB, why);
    },
    become: (next: LabState) => (state = next),
  };
}

const CODES: Partial<Record<ErrorCode, number>> = {
  'not-signed-in': CLOSE.revoked,
  'sandbox-gone': CLOSE.ended,
  unavailable: CLOSE.restarting,
  limit: CLOSE.limit,
  'too-large': 1009,
  'bad-request': 1008,
  'agent-unreachable': CLOSE.agentLost,
  'agent-misbehaved': CLOSE.agentLost,
};

export interface RelayGround extends AsyncDisposable {
  readonly relay: Relay;
  readonly lab: ReturnType<typeof oneLab>;
  readonly port: number;
  readonly refusals: Problem[];
  /** a browser's socket, open */
  browser(who?: Viewer): Promise<WebSocket>;
  ticket(who?: Viewer): Promise<string>;
  readonly protocols: (ticket: string) => string[];
}

export async function relayGround(
  agent: Parameters<typeof oneLab>[0],
  options: Partial<RelayOptions> = {},
): Promise<RelayGround> {
  const store = await testStore();
  const tickets = createTickets({ store });
  const lab = oneLab(agent);
  const relay = createRelay({
    labs: lab.labs,
    tickets,
    log: silentLog(),
    closeCode: (code) => CODES[code] ?? 1011,
    ...options,
  });
  const people = new Map<string, Viewer>();
  const refusals: Problem[] = [];
  const server = createServer();
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => undefined);
    const who = people.get(new URL(request.url ?? '', 'http://x').searchParams.get('as') ?? '') ?? somebody();
    relay.attach({ request, socket, head, who, lab: LAB, terminal: '1' }).catch((error: unknown) => {
      if (!(error instanceof Problem)) throw error;
      refusals.push(error);
      socket.end(`HTTP/1.1 400 ${error.code}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const protocols = (ticket: string) => [TERMINAL_PROTOCOL, `ticket.${ticket}`];
  const ticket = async (who = somebody()) => {
    people.set(who.session, who);
    return (await tickets.issue({ session: who.session, lab: LAB, terminal: '1' }, 'write')).ticket;
  };
  const browser = async (who = somebody()) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/?as=${who.session}`, protocols(await ticket(who)));
    socket.on('error', () => undefined);
    await Promise.race([once(socket, 'open'), once(socket, 'close')]);
    return socket;
  };
  return {
    relay,
    lab,
    port,
    refusals,
    browser,
    ticket,
    protocols,
    async [Symbol.asyncDispose]() {
      await relay.close();
      server.close();
      server.closeAllConnections();
      await store.close();
    },
  };
}

/** @returns the code of a socket's end. */
export async function closeOf(socket: WebSocket): Promise<number> {
  const [code] = (await once(socket, 'close')) as [number];
  return code;
}
