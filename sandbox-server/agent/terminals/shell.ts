/** One shell on one pty: spawn, write, pause, resize, end. Everything above it deals in bytes and offsets. */
import fs from 'node:fs';
import type { Socket } from 'node:net';
import { spawn } from 'node-pty';
import type { Size } from '../../contract/terminal.ts';
import { errnoOf } from '../refusal.ts';

export interface ShellOptions {
  /** reaper, shell and its arguments */
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Record<string, string>;
  readonly size: Size;
  readonly onData: (chunk: Buffer) => void;
  readonly onExit: (code: number) => void;
}
export interface Shell {
  readonly pid: number;
  /** bytes typed that the program has not taken yet */
  readonly unread: number;
  write(bytes: Buffer): void;
  pause(): void;
  resume(): void;
  resize(size: Size): void;
  /** hang up: the shell and its jobs get SIGHUP */
  end(): void;
}

export function startShell(options: ShellOptions): Shell {
  const [file = '/bin/sh', ...args] = options.argv;
  const { cols, rows } = options.size;
  const pty = spawn(file, args, {
    name: 'xterm-256color',
    cols,
    rows,
    cwd: options.cwd,
    env: options.env,
    encoding: null,
  });
  const socket = socketOf(pty);
  let paused = false;
  let over = false;
  preferForOom(pty.pid);
  // with encoding null the pty hands out buffers, which its types do not say
  pty.onData((chunk) => options.onData(chunk as unknown as Buffer));
  pty.onExit(({ exitCode, signal }) => {
    over = true;
    options.onExit(signal !== undefined && signal > 0 ? 128 + signal : exitCode);
  });
  const resume = (): void => {
    if (!paused || over) return;
    paused = false;
    pty.resume();
  };
  drainBeforeDestroy(socket, () => paused, resume);
  return {
    pid: pty.pid,
    get unread() {
      return socket.writableLength;
    },
    write: (bytes) => {
      if (!over) socket.write(bytes);
    },
    pause: () => {
      if (paused || over) return;
      paused = true;
      pty.pause();
    },
    resume,
    resize: (size) => {
      if (!over) resizeUnlessGone(() => pty.resize(size.cols, size.rows));
    },
    end: () => {
      if (!over) pty.kill('SIGHUP');
    },
  };
}

/** node-pty keeps its socket to itself; its length is the only measure of input nobody reads. */
function socketOf(pty: object): Socket {
  return (pty as { _socket: Socket })._socket;
}

/**
 * node-pty destroys the socket 200 ms after the shell ended. While we hold the pty back for a slow reader that would
 * lose what the kernel still has: read it first.
 */
function drainBeforeDestroy(socket: Socket, isPaused: () => boolean, resume: () => void): void {
  const destroy = socket.destroy.bind(socket);
  socket.destroy = (error) => {
    if (!isPaused()) return destroy(error);
    resume();
    setTimeout(() => destroy(error), 200);
    return socket;
  };
}

/** Between the shell's end and its exit event the pty is gone already. */
function resizeUnlessGone(resize: () => void): void {
  try {
    resize();
  } catch (error) {
    if (!(error instanceof Error) || !/ioctl|EBADF|bad file/i.test(error.message)) throw error;
  }
}

/** When memory ends, a child ends before the agent (finding 12). */
function preferForOom(pid: number): void {
  try {
    fs.writeFileSync(`/proc/${pid}/oom_score_adj`, '500');
  } catch (error) {
    if (!['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(errnoOf(error))) throw error;
  }
}
