/**
 * The bare peer: a shell on a pty behind one WebSocket, nothing between. It stops reading the pty while the socket's
 * buffer is full, which is TCP backpressure alone: what most terminal servers do. Run as a process of its own, so that
 * its memory and its event loop are its own:  node bare.ts  → prints its port.
 */
import { WebSocketServer, type WebSocket } from 'ws';
import { spawn } from 'node-pty';

const HIGH = 1024 * 1024;
const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
server.on('listening', () => process.stdout.write(`${(server.address() as { port: number }).port}\n`));
server.on('connection', serve);

function serve(socket: WebSocket): void {
  const pty = spawn('/bin/bash', ['--norc'], {
    cols: 80,
    rows: 24,
    encoding: null,
    cwd: '/tmp',
    env: { PATH: '/usr/bin:/bin', PS1: '$ ', TERM: 'xterm-256color' },
  });
  pty.onData((chunk: unknown) => {
    socket.send(chunk as Buffer);
    if (socket.bufferedAmount > HIGH) hold();
  });
  const hold = () => {
    pty.pause();
    const timer = setInterval(() => {
      if (socket.bufferedAmount > HIGH / 2) return;
      clearInterval(timer);
      pty.resume();
    }, 1);
  };
  socket.on('message', (data: Buffer) => pty.write(data.toString()));
  socket.on('close', () => pty.kill());
}
process.on('SIGTERM', () => process.exit(0));
