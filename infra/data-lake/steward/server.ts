/** The steward's three questions over HTTP: whoever is let through to it may ask everything. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { z } from 'zod';
import { Problem } from '../../../sandbox-server/contract/errors.ts';
import { Login } from '../../../sandbox-server/contract/names.ts';
import { VerbCall } from '../../../sandbox-server/contract/service.ts';
import { errorOf } from '../../machine/sentence.ts';
import type { Admission } from './admission.ts';
import { perform, type Verbs } from './verbs.ts';

/** A subject stands in Rucio's text `SUB=…, ISS=…`: nothing in it may look like the rest. */
const Learner = z.strictObject({ user: Login, sub: z.string().regex(/^[A-Za-z0-9._:@/-]{1,200}$/) });
const Somebody = z.strictObject({ user: Login });

const BODY_BYTES = 64_000;
const STATUS: Readonly<Record<string, number>> = {
  'bad-request': 400,
  'not-found': 404,
  conflict: 409,
  unavailable: 503,
};

export interface StewardOptions {
  readonly admission: Admission;
  readonly verbs: Verbs;
  readonly log: (line: string) => void;
}

export function createSteward(options: StewardOptions): RequestListener {
  const { admission, verbs } = options;
  const answers: Readonly<Record<string, (body: unknown) => Promise<unknown>>> = {
    '/health': () => Promise.resolve({ ready: true }),
    '/admit': async (body) => admission.admit(parse(Learner, body)),
    async '/dismiss'(body) {
      const { user } = parse(Somebody, body);
      await verbs['heal']?.(user, {});
      await admission.dismiss(user);
      return {};
    },
    '/verb': async (body) => perform(verbs, parse(VerbCall, body)),
  };
  return (request, response) => void respond(request, response, answers, options.log);
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  answers: Readonly<Record<string, (body: unknown) => Promise<unknown>>>,
  log: (line: string) => void,
): Promise<void> {
  const path = request.url ?? '';
  try {
    const answer = Object.hasOwn(answers, path) ? answers[path] : undefined;
    if (answer === undefined || request.method !== 'POST')
      throw new Problem('not-found', `The steward has no ${request.method} ${path}.`);
    const body: unknown = JSON.parse((await readBody(request)) || '{}');
    send(response, 200, await answer(body));
    if (path !== '/health') log(`${path} ${JSON.stringify(body)}`);
  } catch (error) {
    const body =
      error instanceof SyntaxError ? errorOf(new Problem('bad-request', error.message)) : errorOf(error);
    log(`${path} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    send(response, STATUS[body.code] ?? 500, { error: body });
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}

async function readBody(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of request as AsyncIterable<Buffer>) {
    text += part.toString('utf8');
    if (text.length > BODY_BYTES) throw new Problem('too-large', 'The question is too long.');
  }
  return text;
}

function parse<Schema extends z.ZodType>(schema: Schema, body: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new Problem('bad-request', z.prettifyError(parsed.error));
}
