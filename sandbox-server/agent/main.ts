/**
 * The agent: `node main.ts CONFIG.json`, or `node main.ts --pod` where the pod itself says what it is; process 1 of its
 * sandbox. It outlives the server and every shell; only SIGTERM, the end of the sandbox, ends it.
 */
import fs from 'node:fs';
import type { AgentConfig } from '../contract/agent.ts';
import { createAgent } from './agent.ts';
import { createHome } from './files/inside.ts';
import { fileRoutes } from './files/routes.ts';
import { createDoor, listen } from './http/server.ts';
import { sandboxRoutes } from './http/routes.ts';
import { podConfig } from './pod/config.ts';
import { homeRoutes } from './homes/routes.ts';
import { stayForSave } from './homes/stay.ts';
import { scriptRoutes } from './scripts/routes.ts';

const inPod = process.argv[2] === '--pod';
const config = inPod ? await podConfig() : readConfig(process.argv[2]);
const agent = createAgent(config);
const files = fileRoutes(createHome(config.home), () => agent.owner.required());
const server = createDoor(agent, [
  ...sandboxRoutes(agent),
  ...files,
  ...homeRoutes(agent.home),
  ...scriptRoutes(agent),
]);

// as process 1 only signals with a handler arrive: a learner's `kill -9 -1` spares us, `kill -1` must as well
for (const signal of ['SIGHUP', 'SIGINT', 'SIGPIPE', 'SIGUSR2'] as const) process.on(signal, () => undefined);
process.on('SIGTERM', () => {
  // a folder of the machine outlives its sandbox, a pod's does not
  const stay = inPod ? stayForSave(agent.home, agent.owner.claim !== null) : Promise.resolve();
  void stay.then(end, end);
});

function end(): void {
  server.close();
  void agent.close().finally(() => process.exit(0));
}

await listen(server, config.listen);

function readConfig(path: string | undefined): AgentConfig {
  if (path === undefined) throw new Error('usage: node main.ts CONFIG.json | --pod');
  return JSON.parse(fs.readFileSync(path, 'utf8')) as AgentConfig;
}
