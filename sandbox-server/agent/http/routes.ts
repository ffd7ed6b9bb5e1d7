/** The agent's HTTP resources (contract/agent.ts, at the top): what each needs of its ticket, and what it does. */
import { TerminalNamePattern } from './names.ts';
import type { Agent } from '../agent.ts';
import { isText } from '../claim.ts';
import { Refusal } from '../refusal.ts';
import type { Need } from '../tickets.ts';
import { stopProgram, typeBlock } from '../terminals/typing.ts';
import { jsonBody, sendJson, sendNothing } from './call.ts';
import type { Call } from './call.ts';

export interface Route {
  readonly method: string;
  /** the whole path; its first group is `Call.name` */
  readonly path: RegExp;
  readonly need: Need;
  readonly serve: (call: Call) => Promise<void> | void;
}
const SMALL = 64 * 1024;

/** Status, claim, tokens, services and terminals. */
export function sandboxRoutes(agent: Agent): Route[] {
  const { owner, terminals } = agent;
  return [
    {
      method: 'GET',
      path: /^\/v1\/status$/,
      need: { op: 'status', mode: 'read' },
      serve: ({ response }) => sendJson(response, 200, agent.status()),
    },
    {
      method: 'POST',
      path: /^\/v1\/claim$/,
      need: { op: 'claim', mode: 'write' },
      async serve({ request, response }) {
        await agent.home.mustBeWhole();
        if (owner.take(await jsonBody(request, 1024 * 1024))) agent.claimed();
        sendJson(response, 200, agent.status());
      },
    },
    {
      method: 'PUT',
      path: /^\/v1\/tokens$/,
      need: { op: 'tokens', mode: 'write' },
      async serve({ request, response }) {
        await agent.tokens.put(await jsonBody(request, 1024 * 1024));
        sendNothing(response);
      },
    },
    {
      method: 'PUT',
      path: /^\/v1\/services$/,
      need: { op: 'services', mode: 'write' },
      async serve({ request, response }) {
        owner.required();
        await agent.services.put(await jsonBody(request, 1024 * 1024));
        sendNothing(response);
      },
    },
    {
      method: 'GET',
      path: /^\/v1\/terminals$/,
      need: { op: 'status', mode: 'read' },
      serve: ({ response }) => sendJson(response, 200, terminals.list()),
    },
    {
      method: 'DELETE',
      path: /^\/v1\/terminals\/([a-z0-9-]{1,32})$/,
      need: { op: 'type', mode: 'write' },
      async serve({ response, name }) {
        await terminals.remove(name);
        sendNothing(response);
      },
    },
    {
      method: 'POST',
      path: /^\/v1\/type$/,
      need: { op: 'type', mode: 'write' },
      serve: (call) => serveType(agent, call),
    },
    {
      method: 'POST',
      path: /^\/v1\/stop$/,
      need: { op: 'type', mode: 'write' },
      serve: (call) => serveStop(agent, call),
    },
  ];
}

async function serveType(agent: Agent, { request, response }: Call): Promise<void> {
  agent.owner.required();
  const { code, terminal, in: repl } = await jsonBody(request, 6 * SMALL);
  const named = terminal === undefined || isTerminalName(terminal);
  if (!isText(code, SMALL) || !named || !(repl === undefined || repl === 'python')) {
    throw new Refusal('bad-request', 'The command to type does not fit the contract.');
  }
  sendJson(
    response,
    200,
    await typeBlock(
      agent.terminals,
      { shell: agent.config.shell, path: agent.env()['PATH'] ?? '' },
      { code, terminal, repl },
    ),
  );
}

async function serveStop(agent: Agent, { request, response }: Call): Promise<void> {
  const { terminal: name } = await jsonBody(request, SMALL);
  const terminal = isTerminalName(name) ? agent.terminals.get(name) : undefined;
  if (terminal === undefined) throw new Refusal('not-found', 'There is no such terminal.');
  await stopProgram(terminal);
  sendNothing(response);
}

function isTerminalName(name: unknown): name is string {
  return typeof name === 'string' && TerminalNamePattern.test(name);
}
