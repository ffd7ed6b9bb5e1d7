/** All terminals of a sandbox, by name: opened by a hello or a typed block, closed by the learner. */
import fs from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { TerminalInfo } from '../../contract/terminal.ts';
import { Refusal } from '../refusal.ts';
import type { Finished } from './prompt.ts';
import { integrate, integratePython } from './shell-integration.ts';
import { Terminal } from './terminal.ts';

const MOST_TERMINALS = 16;
const MOST_CLIENTS = 16;
const ENDED = 4000;

export interface TerminalsOptions {
  readonly boot: string;
  /** folder of all logs */
  readonly logs: string;
  /** private folder for rc files */
  readonly private: string;
  readonly shell: string;
  readonly reaper: readonly string[];
  readonly home: string;
  /** asked at each shell's start: the claim may have come since */
  readonly env: () => Record<string, string>;
  readonly onChange: () => void;
  readonly onCommand: (terminal: string, finished: Finished) => void;
  readonly onTrouble: (error: unknown) => void;
}
export interface Terminals {
  list(): readonly TerminalInfo[];
  get(name: string): Terminal | undefined;
  /** the terminal of this name, made (or found again in its log) if absent; no shell is started yet */
  open(name: string): Terminal;
  /** Refusal `limit` where no more clients fit */
  admit(name: string): void;
  /** pids of the shells: ended last when memory runs out */
  shells(): readonly number[];
  remove(name: string): Promise<void>;
  close(): Promise<void>;
}

export function createTerminals(options: TerminalsOptions): Terminals {
  const terminals = new Map<string, Terminal>();

  const make = (name: string): Terminal =>
    new Terminal({
      name,
      boot: options.boot,
      folder: join(options.logs, name),
      command: (nonce) => ({
        argv: [...options.reaper, options.shell, ...argumentsFor(options, name, nonce)],
        cwd: options.home,
        env: { ...options.env(), ...integratePython(options.private, name, nonce) },
      }),
      onChange: options.onChange,
      onCommand: (finished) => options.onCommand(name, finished),
      onTrouble: options.onTrouble,
    });

  return {
    list: () => [...terminals.values()].map((terminal) => terminal.info),
    get: (name) => terminals.get(name),
    open(name) {
      const found = terminals.get(name);
      if (found !== undefined) return found;
      if (terminals.size >= MOST_TERMINALS)
        throw new Refusal('limit', `There are ${MOST_TERMINALS} terminals already. Close one first.`);
      const terminal = make(name);
      terminals.set(name, terminal);
      return terminal;
    },
    admit(name) {
      if ((terminals.get(name)?.attached ?? 0) >= MOST_CLIENTS) {
        throw new Refusal(
          'limit',
          `Terminal ${name} is open in ${MOST_CLIENTS} places already. Close one first.`,
        );
      }
    },
    shells: () => [...terminals.values()].flatMap((terminal) => terminal.pid ?? []),
    async remove(name) {
      const terminal = terminals.get(name);
      if (terminal === undefined) throw new Refusal('not-found', `There is no terminal ${name}.`);
      terminals.delete(name);
      for (const { socket } of terminal.sockets) socket.close(ENDED, 'the terminal was closed');
      await terminal.close();
      await rm(join(options.logs, name), { recursive: true, force: true });
      fs.rmSync(join(options.private, `rc-${name}`), { force: true });
      options.onChange();
    },
    async close() {
      await Promise.all([...terminals.values()].map((terminal) => terminal.close()));
    },
  };
}

/** Only bash has our marks; any other shell runs as it is, its prompt `unknown`. */
function argumentsFor(options: TerminalsOptions, name: string, nonce: string): string[] {
  return options.shell.endsWith('bash') ? integrate(options.private, name, nonce) : ['-i'];
}
