/** One request: its address, its bounded body, its answer. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { parseObject } from '../terminals/client-messages.ts';
import { Refusal, asRefusal, bodyOf, statusOf } from '../refusal.ts';

export interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
  /** the part of the path a route leaves open, e.g. a terminal's name */
  readonly name: string;
}

/** The whole body as a JSON object. Refusal `too-large` beyond `most` bytes, `bad-request` for anything but an object. */
export async function jsonBody(request: IncomingMessage, most: number): Promise<Record<string, unknown>> {
  const value = parseObject((await wholeBody(request, most)).toString('utf8'));
  if (value === null) throw new Refusal('bad-request', 'The request is not a JSON object.');
  return value;
}

async function wholeBody(request: IncomingMessage, most: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > most) throw new Refusal('too-large', `The request is longer than ${most} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const body = Buffer.from(JSON.stringify(value));
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length });
  response.end(body);
}

export function sendNothing(response: ServerResponse, status = 204): void {
  response.writeHead(status).end();
}

/** The one place where a failure becomes an answer. */
export function sendRefusal(response: ServerResponse, error: unknown): void {
  if (response.destroyed) return; // whoever asked has gone: nobody to tell, and no failure of ours
  const refusal = asRefusal(error);
  if (refusal.code === 'internal')
    process.stderr.write(`${String(refusal.cause instanceof Error ? refusal.cause.stack : refusal.cause)}\n`);
  if (response.headersSent) return void response.destroy();
  // an unread body would be taken for the next request
  response.setHeader('connection', 'close');
  sendJson(response, statusOf(refusal.code), bodyOf(refusal));
}
