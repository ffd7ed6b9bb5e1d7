/**
 * Not an agent: a program that speaks HTTP on the descriptor of its configuration and dies when told to
 * (`POST /die`). For tests of the pool and the drivers alone, where a whole agent would only cost time.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { AgentConfig } from '../../contract/agent.ts';

const file = process.argv[2];
if (file === undefined) throw new Error('usage: bare-agent.ts CONFIG.json');
const config = AgentConfig.parse(JSON.parse(readFileSync(file, 'utf8')));
const server = createServer((request, response) => {
  if (request.url === '/die') process.exit(9);
  response.writeHead(401, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify({ sandbox: config.sandbox, home: config.home, pid: process.pid }));
});
server.listen(config.listen);
