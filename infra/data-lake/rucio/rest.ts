/** Rucio's REST interface as its account root: for setting elements up and admitting learners. */
import { Agent } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import { Problem } from '../../../sandbox-server/contract/errors.ts';
import { ask, type Answer } from '../ask.ts';
import type { LakePlace } from '../place.ts';

export interface Rucio {
  /**
   * @param body sent as JSON
   * @param allowed exception classes that are as good as done, such as `Duplicate`
   * @returns the answer's text. @throws Problem `internal` with Rucio's own words, `unavailable` where nobody answers
   */
  call(method: string, path: string, body?: unknown, allowed?: readonly string[]): Promise<string>;
  close(): void;
}

/** Rucio answers 500 while PostgreSQL comes back; a second of patience per attempt is enough for a restart. */
const ATTEMPTS = 8;

export function createRucio(place: LakePlace, password: string): Rucio {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  let token: Promise<string> | undefined;

  const logIn = async (): Promise<string> => {
    const headers = { 'X-Rucio-Account': 'root', 'X-Rucio-Username': 'root', 'X-Rucio-Password': password };
    const answer = await ask(place, place.rucio, '/auth/userpass', { headers, agent, ms: 20_000 });
    const given = answer.headers['x-rucio-auth-token'];
    if (answer.status === 200 && typeof given === 'string') return given;
    throw new Problem(
      'internal',
      `Rucio does not take root's password: ${answer.status} ${answer.body.slice(0, 300)}`,
    );
  };
  const once = async (method: string, path: string, body: unknown): Promise<Answer> => {
    token ??= logIn();
    try {
      const headers = { 'X-Rucio-Auth-Token': await token, 'Content-Type': 'application/json' };
      const text = body === undefined ? {} : { body: JSON.stringify(body) };
      return await ask(place, place.rucio, path, { method, headers, agent, ms: 60_000, ...text });
    } catch (error) {
      token = undefined;
      throw error;
    }
  };

  return {
    async call(method, path, body, allowed = []) {
      for (let attempt = 1; ; attempt += 1) {
        const answer = await once(method, path, body).catch((error: unknown) => unreachable(error));
        if (answer.status < 400 || allowed.includes(classOf(answer))) return answer.body;
        // an hour has passed, or the database was emptied below us
        if (answer.status === 401) token = undefined;
        const passing = answer.status === 401 || answer.status >= 500;
        if (!passing || attempt === ATTEMPTS) throw refused(method, path, answer);
        await delay(answer.status === 401 ? 50 : 500);
      }
    },
    close: () => agent.destroy(),
  };
}

function classOf(answer: Answer): string {
  const name = answer.headers['exceptionclass'];
  return typeof name === 'string' ? name : '';
}

function unreachable(error: unknown): Answer {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (!['ECONNREFUSED', 'ECONNRESET', 'EPIPE'].includes(code)) throw error;
  return { status: 503, headers: {}, body: `nobody answers (${code})` };
}

function refused(method: string, path: string, answer: Answer): Problem {
  const said = answer.headers['exceptionmessage'];
  const words = typeof said === 'string' ? said : answer.body.slice(0, 300);
  const code = answer.status === 503 ? 'unavailable' : 'internal';
  return new Problem(
    code,
    `Rucio answered ${method} ${path} with ${answer.status} ${classOf(answer)}: ${words}`,
    {
      details: { status: answer.status, exception: classOf(answer) },
    },
  );
}
