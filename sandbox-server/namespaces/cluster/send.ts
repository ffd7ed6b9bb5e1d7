/** One request to the API server and its whole answer, bounded in time and size. */
import type { IncomingMessage } from 'node:http';
import { request, type RequestOptions } from 'node:https';
import { text as textOf } from 'node:stream/consumers';
import { ClusterRefusal, ClusterSilence } from './refusal.ts';

const MOST_BYTES = 16 * 1024 * 1024;

/** @param timeout ms, from the first byte to the last. @throws ClusterRefusal or ClusterSilence */
export async function send(
  url: URL,
  options: RequestOptions,
  body: object | undefined,
  timeout: number,
): Promise<unknown> {
  const { response, text } = await exchange(url, options, body, timeout).catch((cause: unknown) => {
    throw new ClusterSilence(cause);
  });
  const answer = parsed(text);
  const status = response.statusCode ?? 0;
  if (status >= 200 && status < 300) return answer;
  const after = response.headers['retry-after'];
  throw new ClusterRefusal(status, answer, after === undefined ? undefined : Number(after));
}

async function exchange(url: URL, options: RequestOptions, body: object | undefined, timeout: number) {
  const words = body === undefined ? '' : JSON.stringify(body);
  // said with its length: Node frames the body of a DELETE by nothing else
  const headers = { ...options.headers, 'content-length': Buffer.byteLength(words) };
  const signal = AbortSignal.timeout(timeout);
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request(url, { ...options, headers, signal }, resolve)
      .on('error', reject)
      .end(words);
  });
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) response.destroy(new Error('an answer without end'));
  });
  return { response, text: await textOf(response) };
}

/** A proxy's page of HTML is no answer of the API server's, and says nothing. */
function parsed(text: string): unknown {
  try {
    return text === '' ? {} : (JSON.parse(text) as unknown);
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}
