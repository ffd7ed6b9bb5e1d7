/** The relay of terminals: who may attach, how many at once, and when the server itself says goodbye. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { Problem } from '../contract/errors.ts';
import type { ErrorCode } from '../contract/errors.ts';
import type { Viewer } from './viewer.ts';
import type { Labs } from '../labs/face.ts';
import type { Log } from '../telemetry/index.ts';
import { acceptUpgrade, handshakeKey, ticketIn } from './handshake.ts';
import { Passage } from './passage.ts';
import type { Ending } from './passage.ts';
import type { Tickets } from './tickets.ts';

export interface TerminalUpgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
  readonly who: Viewer;
  readonly lab: string;
  readonly terminal: string;
}
export interface Relay {
  /**
   * Redeem the ticket, dial the agent, answer the browser and pass bytes on. Origin, cookie and owner
   * are the caller's to have seen to. Throws a Problem before anything was written to the socket.
   */
  attach(upgrade: TerminalUpgrade): Promise<void>;
  /** close what this session attached, within a second (T10) */
  signedOut(session: string): void;
  /** sockets attached now */
  readonly attached: number;
  /** Close 4002 to all: the server is going away */
  close(): Promise<void>;
}
export interface RelayOptions {
  readonly labs: Pick<Labs, 'open' | 'get' | 'onClosed'>;
  readonly tickets: Tickets;
  readonly log: Log;
  /** the one table of close codes (edge/problems.ts) */
  readonly closeCode: (code: ErrorCode) => number;
  readonly clock?: () => number;
  readonly pingMs?: number;
  /** terminals that one session may have open at a time */
  readonly perSession?: number;
}

/** A place taken by one attached or attaching socket. */
interface Seat {
  readonly session: string;
  readonly lab: string;
  readonly until: number;
  passage: Passage | null;
  /** the server ended it while the agent was being dialled */
  refused: ErrorCode | null;
  pingAt: number;
}
const SWEEP_MS = 5000;
const GOODBYES: Partial<Record<ErrorCode, string>> = {
  'not-signed-in': 'You signed out.',
  'sandbox-gone': 'The lab ended or was paused.',
  unavailable: 'The server restarts; your programs run on.',
  'agent-unreachable': 'The sandbox does not answer.',
};
const ENDINGS: Record<Ending, ErrorCode> = {
  limit: 'limit',
  'too-large': 'too-large',
  'bad-frames': 'bad-request',
  'agent-misbehaved': 'agent-misbehaved',
  'agent-lost': 'agent-unreachable',
};

export function createRelay(options: RelayOptions): Relay {
  const { labs, tickets, log, closeCode, clock = Date.now, pingMs = 25_000, perSession = 64 } = options;
  const seats = new Set<Seat>();
  let stopping = false;

  const endSeat = (seat: Seat, code: ErrorCode): void => {
    seat.refused ??= code;
    seat.passage?.close(closeCode(code), GOODBYES[code] ?? code);
  };
  const endWhere = (matches: (seat: Seat) => boolean, code: ErrorCode): void => {
    for (const seat of seats) if (matches(seat)) endSeat(seat, code);
  };

  const labsClosed = labs.onClosed((lab, why) =>
    endWhere((seat) => seat.lab === lab, why === 'lost' ? 'agent-unreachable' : 'sandbox-gone'),
  );
  const sweep = setInterval(
    () => {
      const now = clock();
      endWhere((seat) => seat.until <= now, 'not-signed-in');
      for (const seat of seats) if (seat.pingAt <= now) pingSeat(seat, now + pingMs);
    },
    Math.min(SWEEP_MS, pingMs),
  );
  sweep.unref();

  function takeSeat(who: Viewer, lab: string): Seat {
    if (stopping) throw new Problem('unavailable', 'The server is restarting. Try again in a moment.');
    let taken = 0;
    for (const seat of seats) if (seat.session === who.session) taken++;
    if (taken >= perSession) throw tooMany(perSession);
    const seat = {
      session: who.session,
      lab,
      until: who.until,
      passage: null,
      refused: null,
      pingAt: clock() + pingMs,
    };
    seats.add(seat);
    return seat;
  }

  async function attach({ request, socket, head, who, lab, terminal }: TerminalUpgrade): Promise<void> {
    const key = handshakeKey(request);
    const seat = takeSeat(who, lab);
    try {
      const mode = await tickets.redeem(ticketIn(request.headers['sec-websocket-protocol']), {
        session: who.session,
        lab,
        terminal,
      });
      const open = await labs.open(who, lab);
      const agent = await open.agent.terminalSocket(terminal, mode);
      if (seat.refused !== null || hungUp(socket)) {
        agent.destroy();
        throw new Problem(
          seat.refused ?? 'unavailable',
          GOODBYES[seat.refused ?? 'unavailable'] ?? 'Too late.',
        );
      }
      acceptUpgrade(socket, key);
      seat.passage = passageFor(seat, socket, agent, who);
      seat.passage.begin(head);
    } catch (error) {
      seats.delete(seat);
      throw error;
    }
  }

  function passageFor(seat: Seat, browser: Duplex, agent: Duplex, who: Viewer): Passage {
    return new Passage({
      browser,
      agent,
      now: clock,
      codeOf: (ending) => closeCode(ENDINGS[ending]),
      onLost: () => void whyLost(who, seat.lab).then((code) => endSeat(seat, code)),
      onClosed: () => seats.delete(seat),
    });
  }

  /** An agent that hung up without a word: was its lab closed, or did it die? */
  async function whyLost(who: Viewer, lab: string): Promise<ErrorCode> {
    try {
      const { state } = await labs.get(who, lab);
      return ['pausing', 'paused', 'ending', 'ended'].includes(state) ? 'sandbox-gone' : 'agent-unreachable';
    } catch (error) {
      log.warn({ err: error, lab }, 'a lab could not be asked why its terminal ended');
      return 'agent-unreachable';
    }
  }

  return {
    attach,
    signedOut: (session) => endWhere((seat) => seat.session === session, 'not-signed-in'),
    get attached() {
      return seats.size;
    },
    async close() {
      stopping = true;
      clearInterval(sweep);
      labsClosed[Symbol.dispose]();
      endWhere(() => true, 'unavailable');
      const deadline = Date.now() + 2000;
      while (seats.size > 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
    },
  };
}

function pingSeat(seat: Seat, next: number): void {
  seat.pingAt = next;
  seat.passage?.ping();
}
/** A FIN that came while the agent was dialled has ended the socket's reading before anybody listened. */
function hungUp(socket: Duplex): boolean {
  return socket.destroyed || socket.readableEnded;
}
function tooMany(perSession: number): Problem {
  return new Problem(
    'limit',
    `You have ${perSession} terminals open, which is the most. Close one and try again.`,
    {
      details: { retryAfter: 5 },
    },
  );
}
