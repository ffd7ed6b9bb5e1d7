/** The resource that runs scripts. */
import type { Agent } from '../agent.ts';
import { jsonBody, sendJson } from '../http/call.ts';
import type { Call } from '../http/call.ts';
import type { Route } from '../http/routes.ts';
import { runScript } from './run.ts';
import { parseScript } from './script.ts';

/** code, and fixtures in base64 */
const LONGEST = 128 * 1024 * 1024;

export function scriptRoutes(agent: Agent): Route[] {
  return [
    {
      method: 'POST',
      path: /^\/v1\/run$/,
      need: { op: 'run', mode: 'write' },
      serve: (call) => run(agent, call),
    },
  ];
}

async function run(agent: Agent, { request, response }: Call): Promise<void> {
  const script = parseScript(await jsonBody(request, LONGEST));
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const { home, reaper } = agent.config;
  const result = await runScript(
    script,
    { private: agent.private, home, env: agent.env(), reaper },
    gone.signal,
  );
  if (!response.destroyed) sendJson(response, 200, result);
}
