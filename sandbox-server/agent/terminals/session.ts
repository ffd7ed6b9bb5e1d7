/**
 * A client's socket: hello first and in time, only messages of the contract, none too long, not too many. Whoever
 * breaks that is closed with a code it understands; nobody else notices.
 */
import type { RawData, WebSocket } from 'ws';
import type { FromClient } from '../../contract/terminal.ts';
import { Attachment } from './attachment.ts';
import { parseClientMessage } from './client-messages.ts';
import type { Terminal } from './terminal.ts';

const HELLO_WITHIN = 5000;
/** messages a second: 12 MB/s acknowledged each 4 KiB is 3,000; nobody types 100 */
const MOST_MESSAGES = 8000;
const PROTOCOL_ERROR = 1008;
/** contract/terminal.ts CLOSE.limit; the agent takes types alone from the contract */
const LIMIT = 4003;

/** Serve one client until its socket closes. */
export function serveClient(socket: WebSocket, terminal: Terminal, mayWrite: boolean): void {
  const attachment = new Attachment(socket, terminal, mayWrite);
  const tooMany = createRateLimit(MOST_MESSAGES);
  let greeted = false;
  terminal.add(attachment);
  const late = setTimeout(() => socket.close(PROTOCOL_ERROR, 'no hello within 5 s'), HELLO_WITHIN);

  const hear = (message: FromClient): void => {
    if (message.type === 'hello') {
      greeted = true;
      clearTimeout(late);
      void terminal
        .hello(attachment, message.from, message.size, message.mode === 'write' && mayWrite)
        .catch(failed);
    } else if (!greeted) socket.close(PROTOCOL_ERROR, 'hello first');
    else if (message.type === 'ack') terminal.ack(attachment, message.offset);
    else if (message.type === 'resize') terminal.resizeBy(attachment, message.size);
    else terminal.take(attachment);
  };
  const type = (bytes: Buffer): void => {
    if (!greeted) socket.close(PROTOCOL_ERROR, 'hello first');
    else if (!terminal.input(attachment, bytes)) socket.close(LIMIT, 'the program does not read its input');
  };
  const failed = (error: unknown): void => {
    process.stderr.write(`terminal ${terminal.name}: ${String(error)}\n`);
    socket.close(1011, 'the terminal could not be opened');
  };

  socket.on('message', (data: RawData, binary: boolean) => {
    if (socket.readyState !== socket.OPEN) return;
    if (tooMany()) return socket.close(LIMIT, 'too many messages');
    if (binary) return type(bufferOf(data));
    const message = parseClientMessage(bufferOf(data).toString('utf8'));
    if (message === null) socket.close(PROTOCOL_ERROR, 'not a message of this protocol');
    else hear(message);
  });
  // ws closes by itself with 1009 (too long), 1007 (not UTF-8) or 1002; the error event only says so
  socket.on('error', () => undefined);
  socket.on('close', () => {
    clearTimeout(late);
    terminal.remove(attachment);
  });
}

function bufferOf(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}

/** @returns a function to call for each message: true once there were more than `most` within this second */
function createRateLimit(most: number): () => boolean {
  let second = 0;
  let count = 0;
  return () => {
    const now = Math.floor(performance.now() / 1000);
    if (now !== second) {
      second = now;
      count = 0;
    }
    count += 1;
    return count > most;
  };
}
