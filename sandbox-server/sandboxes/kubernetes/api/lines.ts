/** The lines of a watch as objects. One line is one object; a torn last line is a torn connection. */
import type { Readable } from 'node:stream';
import { ApiError } from './api-error.ts';

/** one object: etcd's own bound is 1.5 MiB */
const LONGEST = 4 * 1024 * 1024;

/** @throws ApiError where a line is no JSON or has no end */
export async function* linesOf(stream: Readable): AsyncIterable<unknown> {
  let rest = '';
  stream.setEncoding('utf8');
  for await (const chunk of stream as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > LONGEST) throw new ApiError(0, '', 'A line of the watch has no end.');
    for (const line of lines) if (line.trim() !== '') yield parse(line);
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError)
      throw new ApiError(0, '', 'A line of the watch is no JSON.', { cause: error });
    throw error;
  }
}
