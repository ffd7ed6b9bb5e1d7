/** The link to one agent: each method of the face as a request, a ticket of its own, and a parsed answer. */
import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import {
  AgentStatus,
  GivenFiles,
  HomeState,
  RestoredHome,
  RunResult,
  TypeResult,
} from '../../contract/agent.ts';
import type { TicketClaims } from '../../contract/agent.ts';
import { Problem } from '../../contract/errors.ts';
import { FileTree } from '../../contract/files.ts';
import { TerminalInfo } from '../../contract/terminal.ts';
import type { FileContent, Precondition } from '../agent-link.ts';
import type { Sandbox } from '../driver.ts';
import type { SandboxLink, SandboxLinkTo } from '../kept-homes.ts';
import { followEvents } from './events.ts';
import { upgrade } from './handshake.ts';
import { outgoingHome } from './home.ts';
import { misbehaved } from './problems.ts';
import { createBoots } from './boots.ts';
import type { Boots } from './boots.ts';
import { ask, askFor, askNothing } from './request.ts';
import type { Question } from './request.ts';
import type { Sign } from './ticket.ts';

const MINUTE = 60_000;
/** 5,000 entries of long names; 2,000 given files */
const LONG_ANSWER = 16 * 1024 * 1024;
/** Ctrl-C is tried for 10 s inside */
const STOP_TIMEOUT = 15_000;
const UPLOAD_TIMEOUT = 30 * MINUTE;

type Scope = Pick<TicketClaims, 'op' | 'mode'> & { readonly subject?: string };
type Query = Omit<Question, 'authorization'>;
const read = (op: Scope['op']): Scope => ({ op, mode: 'read' });
const write = (op: Scope['op']): Scope => ({ op, mode: 'write' });

/** @param options.sign e.g. of `openTicketKeys`; the agents must know its public key */
export function createLinks({ sign }: { readonly sign: Sign }): SandboxLinkTo {
  const boots = createBoots();
  return (sandbox) => createLink(sandbox, sign, boots);
}

function createLink(sandbox: Pick<Sandbox, 'id' | 'agent'>, sign: Sign, boots: Boots): SandboxLink {
  const { id, agent: address } = sandbox;

  const status = async (): Promise<AgentStatus> => {
    const authorization = sign({ sandbox: id, boot: '*', ...read('status') });
    const answer = await askFor(AgentStatus, address, { method: 'GET', path: '/v1/status', authorization });
    if (answer.sandbox !== id) throw misbehaved('it speaks for another sandbox');
    boots.learn(id, answer.boot);
    return answer;
  };
  const authorize = async ({ subject, ...scope }: Scope): Promise<string> => {
    const pinned = boots.of(id) ?? (await status()).boot;
    return sign({ sandbox: id, boot: pinned, ...scope, subject });
  };
  /** A refused ticket may mean that the agent was started anew: learn its boot and try once more. */
  const withTicket = async <T>(scope: Scope, act: (authorization: string) => Promise<T>): Promise<T> => {
    const authorization = await authorize(scope);
    const before = boots.of(id);
    try {
      return await act(authorization);
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'not-signed-in') throw error;
      if ((await status()).boot === before) throw misbehaved('it refuses its own server');
      return act(await authorize(scope));
    }
  };
  const json = <T>(schema: z.ZodType<T>, scope: Scope, query: Query, bound?: number): Promise<T> =>
    withTicket(scope, (authorization) => askFor(schema, address, { ...query, authorization }, bound));
  const nothing = (scope: Scope, query: Query): Promise<void> =>
    withTicket(scope, (authorization) => askNothing(address, { ...query, authorization }));

  return {
    status,
    async claim(claim) {
      const answer = await json(AgentStatus, write('claim'), post('/v1/claim', claim));
      if (answer.sandbox !== id || answer.lab !== claim.lab) throw misbehaved('it speaks for another lab');
      return answer;
    },
    tokens: (tokens) => nothing(write('tokens'), { ...post('/v1/tokens', tokens), method: 'PUT' }),
    services: (services) => nothing(write('services'), { ...post('/v1/services', services), method: 'PUT' }),
    give: (files) =>
      json(GivenFiles, write('files'), { ...post('/v1/give', files), timeout: MINUTE }, LONG_ANSWER),
    run: (script, signal) =>
      json(RunResult, write('run'), {
        ...post('/v1/run', script),
        timeout: script.timeout * 1000 + 5000,
        ...(signal === undefined ? {} : { signal }),
      }),
    type: (command) => json(TypeResult, write('type'), { ...post('/v1/type', command), timeout: 20_000 }),
    stop: (terminal) => nothing(write('type'), { ...post('/v1/stop', { terminal }), timeout: STOP_TIMEOUT }),
    terminals: () =>
      json(z.array(TerminalInfo).max(64), read('status'), { method: 'GET', path: '/v1/terminals' }),
    closeTerminal: (name) =>
      nothing(write('type'), { method: 'DELETE', path: `/v1/terminals/${encodeURIComponent(name)}` }),
    tree: (path) =>
      json(FileTree, read('files'), { method: 'GET', path: withPath('/v1/files/tree', path) }, LONG_ANSWER),
    read: (path) =>
      withTicket(read('files'), async (authorization) =>
        content(
          await ask(address, { method: 'GET', path: withPath('/v1/files/content', path), authorization }),
        ),
      ),
    async write(path, body, precondition) {
      // a stream cannot be sent twice: make sure of the boot before, not after
      if (!Buffer.isBuffer(body)) await status();
      const query: Query = {
        method: 'PUT',
        path: withPath('/v1/files/content', path),
        body,
        headers: conditions(precondition),
        timeout: UPLOAD_TIMEOUT,
      };
      return json(z.object({ etag: z.string().max(100) }), write('files'), query);
    },
    makeFolder: (path) =>
      nothing(write('files'), { method: 'POST', path: withPath('/v1/files/folder', path) }),
    move: (from, to) => nothing(write('files'), post('/v1/files/move', { from, to })),
    remove: (path) =>
      nothing(write('files'), { method: 'DELETE', path: withPath('/v1/files', path), timeout: MINUTE }),
    // it may look through a hundred thousand names before it answers
    home: () => json(HomeState, read('snapshot'), { method: 'GET', path: '/v1/home', timeout: MINUTE }),
    snapshot: (bounds, signal) =>
      withTicket(read('snapshot'), async (authorization) =>
        outgoingHome(
          await ask(address, {
            ...post('/v1/snapshot', bounds),
            authorization,
            ...(signal === undefined ? {} : { signal }),
          }),
        ),
      ),
    async restore(body, bounds, signal) {
      await status();
      const query = new URLSearchParams({ bytes: String(bounds.bytes), entries: String(bounds.entries) });
      return json(RestoredHome, write('snapshot'), {
        method: 'POST',
        path: `/v1/restore?${query.toString()}`,
        body,
        timeout: UPLOAD_TIMEOUT,
        ...(signal === undefined ? {} : { signal }),
      });
    },
    events: (listener, onState = () => undefined) =>
      followEvents({
        address,
        sandbox: id,
        // the boot anew each time: a lost connection is what an agent started anew looks like
        authorization: async () => sign({ sandbox: id, boot: (await status()).boot, ...read('events') }),
        listener,
        onState,
      }),
    port: (port) =>
      withTicket({ ...write('port'), subject: String(port) }, (authorization) =>
        upgrade(address, { path: `/v1/ports/${port}`, authorization, protocol: 'tcp' }),
      ),
    tunnel: () =>
      withTicket(write('services'), (authorization) =>
        upgrade(address, { path: '/v1/services', authorization, protocol: 'tcp' }),
      ),
    terminalSocket: (name, mode) =>
      withTicket({ op: 'terminal', mode, subject: name }, (authorization) =>
        upgrade(address, {
          path: `/v1/terminals/${encodeURIComponent(name)}`,
          authorization,
          protocol: 'websocket',
        }),
      ),
  };
}

function post(path: string, body: unknown): Query & { method: 'POST' } {
  return {
    method: 'POST',
    path,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify(body)),
  };
}

function withPath(resource: string, path: string): string {
  return `${resource}?${new URLSearchParams({ path }).toString()}`;
}

function conditions(precondition: Precondition): Record<string, string> {
  if ('ifMatch' in precondition) return { 'if-match': String(precondition.ifMatch) };
  return 'ifNoneMatch' in precondition ? { 'if-none-match': '*' } : {};
}

/** A file's head, parsed; its body is cut off at the length it announced, so that it cannot go on for ever. */
function content(answer: IncomingMessage): FileContent {
  const etag = answer.headers.etag ?? '';
  const kind = answer.headers['x-palestra-kind'];
  const size = Number(answer.headers['content-length'] ?? NaN);
  if (
    !/^"[\w-]{1,98}"$/.test(etag) ||
    (kind !== 'text' && kind !== 'binary') ||
    !Number.isSafeInteger(size)
  ) {
    answer.destroy();
    throw misbehaved('its file has no proper head');
  }
  return { etag, size, kind, body: answer };
}
