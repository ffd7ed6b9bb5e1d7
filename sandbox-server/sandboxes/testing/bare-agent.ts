/**
 * Not an agent: a program that speaks HTTP on the descriptor of its configuration, runs what it is told
 * (`POST /run`, a bash script), eats memory (`/eat`) and dies (`/die`). For tests of the pool and the drivers
 * alone, where a whole agent would only cost time. It is copied into sandboxes: only `node:` imports.
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AgentConfig } from '../../contract/agent.ts';

const file = process.argv[2];
if (file === undefined) throw new Error('usage: bare-agent.ts CONFIG.json');
const config = JSON.parse(readFileSync(file, 'utf8')) as AgentConfig;

function say(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(body));
}

async function run(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let script = '';
  for await (const part of request) script += String(part);
  const env = {
    ...process.env,
    ...config.env,
    HOME: config.home,
    PATH: [...config.path, '/usr/bin', '/bin'].join(':'),
  };
  execFile(
    '/bin/bash',
    ['-c', script],
    { env, cwd: '/', timeout: 30_000, maxBuffer: 1 << 24 },
    (error, stdout, stderr) => {
      say(response, 200, { exit: error === null ? 0 : (error.code ?? error.signal), stdout, stderr });
    },
  );
}

function eat(): never {
  const eaten: Buffer[] = [];
  for (;;) eaten.push(Buffer.alloc(1 << 24, 1));
}

const server = createServer((request, response) => {
  if (request.url === '/die') process.exit(9);
  else if (request.url === '/eat') eat();
  else if (request.url === '/run') void run(request, response);
  else say(response, 401, { sandbox: config.sandbox, home: config.home, pid: process.pid });
});
server.listen(config.listen);
