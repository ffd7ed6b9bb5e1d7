/**
 * Runs a service's command: JSON lines in, exit status out. It is a process group of its own, so that Ctrl-C at the
 * server's terminal is not its; whoever gives up ends the whole group, and what a service started for good has left it.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { delimiter, dirname } from 'node:path';
import { Problem } from '../contract/errors.ts';
import { ErrorLine } from '../contract/service.ts';
import { printable } from '../telemetry/index.ts';
import type { ServiceDefinition } from './find.ts';
import { createLines, objectIn } from './lines.ts';

const LONGEST_LINE = 256 * 1024;
const LAST_WORDS = 4_000;

export interface Run {
  readonly args: readonly string[];
  /** each JSON object it prints, in order */
  readonly onLine?: (line: Record<string, unknown>) => void;
  /** ms without a word from it after which it is given up */
  readonly silence: number;
  readonly signal?: AbortSignal | undefined;
}
export interface CommandOptions {
  readonly definition: ServiceDefinition;
  /** the state folder: `PALESTRA_STATE` of the command */
  readonly state: string;
  /** its log text, line by line */
  readonly onLog: (line: string) => void;
}
/** @returns the last JSON object it printed; null: none. @throws Problem `unavailable` where it fails */
export type Command = (run: Run) => Promise<Record<string, unknown> | null>;

export function createCommand({ definition, state, onLog }: CommandOptions): Command {
  const { file, folder } = definition;
  return async ({ args, onLine, silence, signal }) => {
    signal?.throwIfAborted();
    const [program = '', ...words] = [...file.command, ...args, '--json'];
    const child = spawn(program, words, {
      cwd: folder,
      env: environment(state),
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let last: Record<string, unknown> | null = null;
    let tail = '';
    let givenUp: string | null = null;
    const giveUp = (why: string): void => {
      givenUp ??= why;
      endGroup(child);
    };
    const quiet = () => setTimeout(giveUp, silence, `it said nothing for ${silence / 1000} s`);
    let timer = quiet();
    const heard = (): void => {
      clearTimeout(timer);
      timer = quiet();
    };
    const out = createLines(LONGEST_LINE, (line) => {
      const object = objectIn(line);
      if (object === undefined) return;
      last = object;
      onLine?.(object);
    });
    const log = createLines(LONGEST_LINE, (line) => {
      tail = `${tail}${line}\n`.slice(-LAST_WORDS);
      onLog(line);
    });
    child.stdout.on('data', (part: Buffer) => (heard(), out.add(part)));
    child.stderr.on('data', (part: Buffer) => (heard(), log.add(part)));
    const onAbort = (): void => giveUp('it was called off');
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      const exit = await ended(child);
      out.end();
      log.end();
      signal?.throwIfAborted();
      if (exit === 0 && givenUp === null) return last;
      throw failure(file.title, args[0] ?? '', givenUp ?? `it ended with ${exit}`, last, tail);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT')
        throw new Problem(
          'unavailable',
          `${file.title} cannot be asked: ${program} or ${folder} is not there.`,
          {
            cause: error,
            details: { service: file.name },
          },
        );
      throw error;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    }
  };
}

/** Ours without anything that looks like a secret; the project's Node first, so that `node` in a command is it. */
function environment(state: string, ours: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const kept = Object.entries(ours).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && !/SECRET|TOKEN|PASSWORD|PASSWD|CREDENTIAL|PRIVATE/i.test(entry[0]),
  );
  const path = [dirname(process.execPath), ours['PATH'] ?? '/usr/local/bin:/usr/bin:/bin'].join(delimiter);
  return { ...Object.fromEntries(kept), PATH: path, PALESTRA_STATE: state };
}

/** After its end its last words may still be in the pipe, and somebody it started may hold the pipe open for good. */
const LAST_WORDS_MS = 2_000;

/** @returns exit status, or the signal's name; rejects where it could not be started */
function ended(child: ChildProcess): Promise<number | string> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'unknown'));
    child.once('exit', (code, signal) => {
      setTimeout(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
        resolve(code ?? signal ?? 'unknown');
      }, LAST_WORDS_MS).unref();
    });
  });
}

function endGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function failure(
  title: string,
  verb: string,
  how: string,
  last: Record<string, unknown> | null,
  words: string,
): Problem {
  const said = ErrorLine.safeParse(last).data?.error;
  const lastWords = words.trimEnd().split('\n').at(-1) ?? '';
  const message = said?.message ?? `${how}${lastWords === '' ? '' : `: ${lastWords}`}`;
  const todo = said?.todo === undefined || said.todo === '' ? '' : ` ${said.todo}`;
  return new Problem('unavailable', printable(`${title} (${verb}): ${message}${todo}`, 1_500), {
    details: {
      code: said?.code ?? 'failed',
      message: printable(message, 700),
      todo: printable(todo.trim(), 700),
    },
  });
}
