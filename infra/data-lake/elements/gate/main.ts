/**
 * The process of all gates of a lake: `node main.ts CONFIGURATION.json`. Started as root it reads keys and code, then
 * becomes the gates' own user: the checkout may stand in a folder that this user cannot enter.
 */
import { readFileSync, statSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { once } from 'node:events';
import type { Server } from 'node:https';
import { createTape } from '../tape.ts';
import { openAccessLog, type AccessLog } from './access-log.ts';
import { GatesConfiguration, type GateConfiguration } from './configuration.ts';
import { createGate } from './gate.ts';

/** certificates are renewed weeks before they end; each hour is soon enough */
const RENEW_MS = 3_600_000;
const STOP_MS = 5_000;

const configuration = GatesConfiguration.parse(JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')));
const gates = configuration.gates.map(open);
await Promise.all(gates.map(({ server, gate }) => listen(server, gate)));
become(configuration.user);
const renewal = setInterval(() => gates.forEach(renew), RENEW_MS);
process.on('SIGHUP', () => gates.forEach(renew));
process.on('SIGTERM', () => void stop());

function open(gate: GateConfiguration): { gate: GateConfiguration; server: Server; log: AccessLog } {
  const log = openAccessLog(gate.log);
  const server = createGate({
    rse: gate.rse,
    audience: { host: gate.host, port: gate.port, issuer: configuration.issuer },
    inner: gate.inner,
    peers: configuration.gates.map(({ host, port }) => `${host}:${port}`),
    tls: pairOf(gate),
    faults: configuration.faults,
    log,
    tape: gate.nature === 'tape' ? createTape(configuration.tape) : null,
    hasRoom: async () => {
      const { bavail, bsize } = await statfs(gate.data);
      return bavail * bsize > configuration.floorBytes;
    },
  });
  return { gate, server, log };
}

async function listen(server: Server, { port }: GateConfiguration): Promise<void> {
  server.listen(port, configuration.listen);
  await once(server, 'listening');
}

function pairOf({ cert, key }: GateConfiguration): { cert: Buffer; key: Buffer } {
  return { cert: readFileSync(cert), key: readFileSync(key) };
}

/** Whoever connects next gets the certificate that lies there now. */
function renew({ gate, server }: { gate: GateConfiguration; server: Server }): void {
  const { mtimeMs } = statSync(gate.cert);
  server.setSecureContext(pairOf(gate));
  process.stderr.write(`${gate.rse}: certificate of ${new Date(mtimeMs).toISOString()}\n`);
}

/** For good: threads too, and no way back. */
function become(user: { uid: number; gid: number } | null): void {
  if (user === null || process.setuid === undefined) return;
  process.setgroups?.([]);
  process.setgid?.(user.gid);
  process.setuid(user.uid);
  if (process.getuid?.() !== user.uid) throw new Error(`could not become user ${user.uid}`);
}

/** What is under way may end; what takes longer is cut, and clients know how to begin again. */
async function stop(): Promise<void> {
  clearInterval(renewal);
  const closed = gates.map(({ server }) => once(server, 'close'));
  for (const { server } of gates) server.close();
  setTimeout(() => gates.forEach(({ server }) => server.closeAllConnections()), STOP_MS).unref();
  await Promise.all(closed);
  for (const { log } of gates) log.close();
  process.exit(0);
}
