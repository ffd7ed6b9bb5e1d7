/** The server as the page speaks to it: JSON in, JSON out, every refusal a `Refused` with the server's own sentence. */
import type { ErrorCode, ProblemBody } from '../../../sandbox-server/contract/errors.ts';
import { XSRF_HEADER } from './constants.ts';
import { say } from './words/entry.ts';
import { problemWords } from './words/problems.ts';

/** The server said no. `code` is the contract's; `offline`: no answer at all. */
export class Refused extends Error {
  readonly code: ErrorCode | 'offline';
  readonly details: Readonly<Record<string, unknown>>;
  constructor(code: ErrorCode | 'offline', message: string, details: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.name = 'Refused';
    this.code = code;
    this.details = details;
  }
}

export interface Server {
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body?: unknown): Promise<T>;
  remove(path: string): Promise<void>;
  /** the raw answer, for bytes; refusals throw here as well */
  raw(path: string, init?: RequestInit): Promise<Response>;
}

type Fetch = (input: string, init?: RequestInit) => Promise<Response>;

/**
 * @param base prefix of every path; '' in a page, an origin in tests
 * Errors: `Refused` for every status of 400 and above, and with code `offline` where the network failed.
 */
export function createServer(ask: Fetch = (input, init) => fetch(input, init), base = ''): Server {
  const raw = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers);
    if (init.method !== undefined && init.method !== 'GET') headers.set(XSRF_HEADER, '1');
    let response: Response;
    try {
      response = await ask(base + path, { ...init, headers, credentials: 'same-origin' });
    } catch (error) {
      if (error instanceof DOMException && error.name === 'AbortError') throw error;
      throw new Refused(
        'offline',
        say('The server does not answer. What you typed and saved is kept; this page tries again.'),
      );
    }
    if (!response.ok) throw await refusal(response);
    return response;
  };
  const json = async <T>(path: string, init?: RequestInit): Promise<T> => {
    const response = await raw(path, init);
    return (response.status === 204 ? undefined : await response.json()) as T;
  };
  return {
    raw,
    get: (path) => json(path),
    post: (path, body = {}) =>
      json(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    remove: async (path) => {
      await raw(path, { method: 'DELETE' });
    },
  };
}

/** A refusal as the server wrote it, or a plain one where a proxy answered in its stead. */
async function refusal(response: Response): Promise<Refused> {
  const text = await response.text();
  const body = asProblem(text);
  if (body !== null) return new Refused(body.code, problemWords(body.code, body.message), body.details);
  return new Refused('internal', say('The server answered {0}. Try again in a moment.', response.status));
}

/** The problem body in a text; null where it is something else. */
export function asProblem(text: string): ProblemBody | null {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
  if (typeof body !== 'object' || body === null) return null;
  const { code, message } = body as Partial<ProblemBody>;
  return typeof code === 'string' && typeof message === 'string' ? (body as ProblemBody) : null;
}

/** The sentence of any failure, for a message line. */
export function sentence(error: unknown): string {
  return error instanceof Error
    ? error.message
    : say('Something went wrong in this page. Reload it; nothing saved is lost.');
}
