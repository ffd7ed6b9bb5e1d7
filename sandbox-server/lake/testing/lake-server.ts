/** Recorded answers over real https, with a certificate for the lake's names: what the room's own tests ask. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { LakeAddress, LakeDoor } from '../face.ts';
import { ACCOUNT, DID, REPLICA, RSES, RULE_OK, USAGE, attributesOf, detailsOf, rseLine } from './recorded.ts';

export interface Said {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly lines?: readonly object[];
  /** instead of lines */
  readonly text?: string;
}
export interface LakeServer extends AsyncDisposable {
  readonly address: LakeAddress;
  /** path without its query → what is said there; tests change it */
  readonly says: Map<string, Said | ((request: IncomingMessage, response: ServerResponse) => void)>;
  /** `GET /path` of each question, in their order */
  readonly asked: string[];
  /** tokens that came, each once */
  readonly tokens: Set<string>;
  /** as a lake that is down */
  stop(): Promise<void>;
}

export async function lakeServer(): Promise<LakeServer> {
  const { key, cert } = await certificate();
  const [says, asked, tokens] = [recorded(), [] as string[], new Set<string>()];
  const server = createServer({ key, cert }, (request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    asked.push(`${request.method ?? ''} ${path}`);
    tokens.add(String(request.headers['x-rucio-auth-token'] ?? ''));
    request.resume();
    const said = says.get(path) ?? { status: 404 };
    if (typeof said === 'function') return said(request, response);
    response.writeHead(said.status ?? 200, { 'content-type': 'application/x-json-stream', ...said.headers });
    response.end(said.text ?? (said.lines ?? []).map((line) => `${JSON.stringify(line)}\n`).join(''));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const door = (name: string): LakeDoor => ({
    host: `${name}.palestra.test`,
    port: 31447,
    to: { host: '127.0.0.1', port },
  });
  const stop = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    // a connection that still shakes hands is not in the server's list yet
    const sweep = setInterval(() => server.closeAllConnections(), 10);
    await closed;
    clearInterval(sweep);
  };
  return {
    address: { ca: cert, rucio: door('rucio'), transfers: door('fts') },
    says,
    asked,
    tokens,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function recorded(): LakeServer['says'] {
  return new Map<string, Said>([
    [`/accounts/${ACCOUNT}/rules`, { lines: [RULE_OK] }],
    [`/dids/user.${ACCOUNT}/dids/search`, { lines: [DID] }],
    ['/replicas/list', { lines: [REPLICA] }],
    [`/accounts/${ACCOUNT}/usage/local`, { lines: USAGE }],
    ['/rses/', { lines: RSES.map(rseLine) }],
    ...RSES.flatMap((rse): [string, Said][] => [
      [`/rses/${rse}/attr/`, { lines: [attributesOf(rse)] }],
      [`/rses/${rse}`, { lines: [detailsOf(rse)] }],
    ]),
    ['/queue.json', { text: JSON.stringify({ at: Date.now(), files: [] }) }],
  ]);
}

const run = promisify(execFile);
let made: Promise<{ key: string; cert: string }> | null = null;
/** Signed by itself, so that it is its own authority; for two days and the lake's names. */
export function certificate(): Promise<{ key: string; cert: string }> {
  made ??= make();
  return made;
}
async function make(): Promise<{ key: string; cert: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'palestra-lake-test-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  await run('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
    ...['-subj', '/CN=a lake of tests', '-keyout', key, '-out', cert],
    ...['-addext', 'subjectAltName=DNS:rucio.palestra.test,DNS:fts.palestra.test'],
  ]);
  const pair = { key: await readFile(key, 'utf8'), cert: await readFile(cert, 'utf8') };
  await rm(folder, { recursive: true });
  return pair;
}
