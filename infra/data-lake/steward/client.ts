/** Asks the steward over its socket. */
import { request } from 'node:http';
import { ErrorCode, Problem } from '../../../sandbox-server/contract/errors.ts';
import { ErrorLine } from '../../../sandbox-server/contract/service.ts';
import type { LakePlace } from '../place.ts';

/** `corrupt` reads and writes a file; `dismiss` waits for Rucio: neither takes a minute */
const PATIENCE = 60_000;

/** @throws Problem as the steward answered it; `unavailable` where the lake is down */
export async function askSteward(place: LakePlace, path: string, body: unknown): Promise<unknown> {
  const { status, text } = await post(place.stewardSocket, path, JSON.stringify(body));
  const answer: unknown = text === '' ? {} : JSON.parse(text);
  if (status === 200) return answer;
  const { error } = ErrorLine.parse(answer);
  const code = ErrorCode.catch('internal').parse(error.code);
  throw new Problem(code, error.message, { details: { todo: error.todo } });
}

async function post(
  socketPath: string,
  path: string,
  body: string,
): Promise<{ status: number; text: string }> {
  return new Promise((done, fail) => {
    const asked = request({ socketPath, path, method: 'POST', timeout: PATIENCE }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => (text += part));
      response.once('end', () => done({ status: response.statusCode ?? 0, text }));
      response.once('error', fail);
    });
    asked.once('timeout', () =>
      asked.destroy(new Problem('timeout', 'The steward of the lake did not answer.')),
    );
    asked.once('error', (error: NodeJS.ErrnoException) => fail(isDown(error) ? lakeIsDown() : error));
    asked.end(body);
  });
}

function isDown(error: NodeJS.ErrnoException): boolean {
  return ['ENOENT', 'ECONNREFUSED'].includes(error.code ?? '');
}
function lakeIsDown(): Problem {
  return new Problem('unavailable', 'The data lake is not running.', {
    details: { todo: 'node lake.ts up' },
  });
}
