/** The two ends a terminal bench compares: a learner's terminal through the whole of Palestra, and a bare ws + node-pty. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { WebSocket } from 'ws';
import { TerminalClient, type ClientOptions } from '../../sandbox-server/sandboxes/link/terminal-client.ts';
import type { Learner } from '../world/learner.ts';

/** A terminal of a lab, welcomed and at its prompt. */
export async function ours(
  url: string,
  learner: Learner,
  lab: string,
  terminal: string,
  options: ClientOptions = {},
): Promise<TerminalClient> {
  const { protocols, headers } = await learner.ticket(lab, terminal, options.mode ?? 'write');
  const socket = new WebSocket(
    `${url.replace('http', 'ws')}/api/labs/${lab}/terminals/${terminal}`,
    protocols,
    { headers, perMessageDeflate: false },
  );
  const client = new TerminalClient(socket, options);
  await once(socket, 'open');
  client.hello();
  await client.until(() => client.welcome !== null, 'a welcome');
  if (options.mode !== 'read') await client.untilIdle();
  return client;
}

export interface Peer extends AsyncDisposable {
  readonly port: number;
  readonly process: ChildProcess;
}
/** The bare peer as a process of its own. */
export async function barePeer(): Promise<Peer> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'peers/bare.ts')], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const close = async (): Promise<void> => {
    child.kill('SIGTERM');
    await once(child, 'exit');
  };
  return { port: Number(line), process: child, [Symbol.asyncDispose]: close };
}

/** One bare terminal: bytes as they come, or drawn at a rate by pausing the socket as a slow browser does. */
export class BareTerminal implements Disposable {
  readonly socket: WebSocket;
  received = 0;
  tail = '';
  #listeners = new Set<() => void>();
  #allowance = Infinity;
  #timer: NodeJS.Timeout | null = null;

  private constructor(socket: WebSocket, rate: number | undefined) {
    this.socket = socket;
    socket.on('message', (data: Buffer) => this.#took(data));
    if (rate !== undefined) this.#slow(rate);
  }

  static async open(peer: Peer, options: { rate?: number } = {}): Promise<BareTerminal> {
    const socket = new WebSocket(`ws://127.0.0.1:${peer.port}`, { perMessageDeflate: false });
    const terminal = new BareTerminal(socket, options.rate);
    await once(socket, 'open');
    await terminal.until(() => terminal.tail.includes('$ '));
    return terminal;
  }
  type(text: string): void {
    this.socket.send(text);
  }
  forget(): void {
    this.tail = '';
  }
  async until(holds: () => boolean, ms = 60_000): Promise<void> {
    if (holds()) return;
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(
        () =>
          reject(
            new Error(`the bare terminal: nothing in ${ms} ms; ${JSON.stringify(this.tail.slice(-200))}`),
          ),
        ms,
      );
      const look = (): void => {
        if (!holds()) return;
        clearTimeout(late);
        this.#listeners.delete(look);
        resolve();
      };
      this.#listeners.add(look);
    });
  }
  [Symbol.dispose](): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.socket.terminate();
  }

  #took(data: Buffer): void {
    this.received += data.length;
    this.tail = (this.tail + data.toString('latin1')).slice(-4096);
    this.#allowance -= data.length;
    if (this.#allowance <= 0) this.socket.pause();
    for (const look of [...this.#listeners]) look();
  }
  #slow(rate: number): void {
    this.#allowance = rate / 100;
    this.#timer = setInterval(() => {
      this.#allowance = Math.min(rate / 100, this.#allowance + rate / 100);
      if (this.#allowance > 0) this.socket.resume();
    }, 10);
  }
}

/** Resident memory of a process, bytes. */
export async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? NaN) * 1024;
}
