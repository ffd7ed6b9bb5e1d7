/**
 * A relay alone in a process, to be weighed: `node --expose-gc idle-server.ts AGENT_PORT`. Says its port; after each
 * line it reads, how many terminals are attached and its resident bytes after a collection.
 */
import { createInterface } from 'node:readline';
import { dial } from './echo-agent.ts';
import { relayGround, somebody } from './relay-ground.ts';

const agentPort = Number(process.argv[2]);
const ground = await relayGround({ terminalSocket: () => dial(agentPort) }, { perSession: 1000 });
console.log(JSON.stringify({ port: ground.port }));
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'ticket') console.log(JSON.stringify({ ticket: await ground.ticket(somebody()) }));
  else {
    for (let i = 0; i < 5; i++) globalThis.gc?.();
    console.log(JSON.stringify({ attached: ground.relay.attached, rss: process.memoryUsage.rss() }));
  }
}
await ground[Symbol.asyncDispose]();
