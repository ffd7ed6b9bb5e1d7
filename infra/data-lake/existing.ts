/**
 * A Rucio that is already there, as a service: the command of `services.data-lake` where somebody else runs the lake
 * (docs/operating.md, docs/operating/kubernetes.md). It starts and ends nothing: `node existing.ts FILE VERB`, FILE being
 * a `ServiceAddress` in JSON. Accounts exist there: `admits: false`. Of a lake that is ours, of the chart, `far` leads to
 * its steward: then learners are admitted and verbs performed.
 */
import { readFile } from 'node:fs/promises';
import { connect as connectPlain } from 'node:net';
import { connect } from 'node:tls';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { Problem } from '../../sandbox-server/contract/errors.ts';
import { ServiceAddress } from '../../sandbox-server/contract/service.ts';
import type { ServiceEndpoint, ServicePart, ServiceStatus } from '../../sandbox-server/contract/service.ts';
import { printer } from './print.ts';
import { readArguments } from './steward/arguments.ts';
import { askFar, FarSteward } from './steward/far.ts';

const ANSWER_MS = 5000;
const MENDED_THERE = 'It is run by others: its operators can say more.';

const ExistingLake = ServiceAddress.extend({
  far: FarSteward.optional(),
  /** names of endpoints whose protocol begins without TLS, as root:// does */
  plain: z.array(z.string()).default([]),
});
type ExistingLake = z.infer<typeof ExistingLake>;

/** @throws Problem `bad-request` that names the file and each key */
export async function addressIn(file: string): Promise<ExistingLake> {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new Problem('bad-request', `${file} cannot be read: ${cause.message}`, { cause });
  });
  const parsed = ExistingLake.safeParse(jsonOf(text, file));
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map((one) => `  ${one.path.join('.') || '(top)'}: ${one.message}`);
  throw new Problem('bad-request', [`${file} does not fit:`, ...lines].join('\n'), { cause: parsed.error });
}

/** Every endpoint by a TLS handshake that demands its name: a wrong certificate is as bad as none. Of others: that they listen. */
export async function statusOf({ ca, endpoints, plain }: ExistingLake): Promise<ServiceStatus> {
  const authority = ca === null ? undefined : await readFile(ca, 'utf8');
  const parts = await Promise.all(endpoints.map((endpoint) => partOf(endpoint, authority, plain)));
  const well = parts.filter(({ ok }) => ok).length;
  return { state: well === parts.length ? 'up' : well === 0 ? 'down' : 'partly', parts };
}

async function partOf(
  { name = '', host, to }: ServiceEndpoint,
  ca: string | undefined,
  plain: readonly string[],
): Promise<ServicePart> {
  const where = `${to.host}:${to.port}`;
  const isPlain = plain.includes(name);
  const tls = { ...to, servername: host, ...(ca === undefined ? {} : { ca }) };
  const socket = isPlain ? connectPlain(to) : connect(tls);
  try {
    await once(socket, isPlain ? 'connect' : 'secureConnect', { signal: AbortSignal.timeout(ANSWER_MS) });
    return { name: host, ok: true, found: `answers at ${where}`, todo: '' };
  } catch (error) {
    return { name: host, ok: false, found: `${where}: ${(error as Error).message}`, todo: MENDED_THERE };
  } finally {
    socket.destroy();
  }
}

function jsonOf(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Problem('bad-request', `${file} is not JSON: ${(cause as Error).message}`, { cause });
  }
}

interface Words {
  readonly verb: string;
  /** of `verb`: its name, and `key=value` */
  readonly rest: readonly string[];
  readonly user: string;
  readonly sub: string;
}

async function act(file: string, words: Words, json: boolean): Promise<void> {
  const print = printer(json);
  const { verb } = words;
  try {
    const lake = await addressIn(file);
    if (verb === 'address') return print.answer(ServiceAddress.parse(lake));
    const question = questionOf(words);
    if (question !== null && lake.far !== undefined)
      return print.answer(await askFar(lake.far, lake.ca, question.path, question.body));
    if (verb !== 'status' && verb !== 'up')
      throw new Problem('forbidden', `This data lake is run by others: ${verb} is theirs.`);
    const status = await statusOf(lake);
    if (verb === 'status') return print.status(status);
    const bad = status.parts.find(({ ok }) => !ok);
    if (bad !== undefined)
      throw new Problem('unavailable', `The data lake does not answer: ${bad.found}`, {
        details: { todo: bad.todo },
      });
    print.ready(0);
  } catch (error) {
    print.failure(error);
    process.exitCode = 1;
  }
}

/** What a steward is asked; null: it is none of its verbs. */
function questionOf({ verb, rest, user, sub }: Words): { path: string; body: unknown } | null {
  if (verb === 'admit') return { path: '/admit', body: { user, sub } };
  if (verb === 'dismiss') return { path: '/dismiss', body: { user } };
  if (verb !== 'verb') return null;
  const [name, ...pairs] = rest;
  return { path: '/verb', body: { name, user, arguments: readArguments(pairs) } };
}

if (import.meta.main) {
  const text = { type: 'string', default: '' } as const;
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { json: { type: 'boolean', default: false }, user: text, sub: text },
  });
  const [file = '', verb = 'status', ...rest] = positionals;
  await act(file, { verb, rest, user: values.user, sub: values.sub }, values.json);
}
