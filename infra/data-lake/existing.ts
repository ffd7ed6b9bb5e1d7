/**
 * A Rucio that is already there, as a service: the command of `services.data-lake` where somebody else runs the lake
 * (docs/operating.md, docs/operating/kubernetes.md). It starts and ends nothing: `node existing.ts FILE VERB`, FILE being
 * a `ServiceAddress` in JSON. Accounts exist there: `admits: false`.
 */
import { readFile } from 'node:fs/promises';
import { connect } from 'node:tls';
import { once } from 'node:events';
import { Problem } from '../../sandbox-server/contract/errors.ts';
import { ServiceAddress } from '../../sandbox-server/contract/service.ts';
import type { ServiceEndpoint, ServicePart, ServiceStatus } from '../../sandbox-server/contract/service.ts';
import { printer } from './print.ts';

const ANSWER_MS = 5000;
const MENDED_THERE = 'It is run by others: its operators can say more.';

/** @throws Problem `bad-request` that names the file and each key */
export async function addressIn(file: string): Promise<ServiceAddress> {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new Problem('bad-request', `${file} cannot be read: ${cause.message}`, { cause });
  });
  const parsed = ServiceAddress.safeParse(jsonOf(text, file));
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map((one) => `  ${one.path.join('.') || '(top)'}: ${one.message}`);
  throw new Problem('bad-request', [`${file} does not fit:`, ...lines].join('\n'), { cause: parsed.error });
}

/** Every endpoint by a TLS handshake that demands its name: a wrong certificate is as bad as none. */
export async function statusOf({ ca, endpoints }: ServiceAddress): Promise<ServiceStatus> {
  const authority = ca === null ? undefined : await readFile(ca, 'utf8');
  const parts = await Promise.all(endpoints.map((endpoint) => partOf(endpoint, authority)));
  const well = parts.filter(({ ok }) => ok).length;
  return { state: well === parts.length ? 'up' : well === 0 ? 'down' : 'partly', parts };
}

async function partOf({ host, to }: ServiceEndpoint, ca: string | undefined): Promise<ServicePart> {
  const where = `${to.host}:${to.port}`;
  const socket = connect({
    host: to.host,
    port: to.port,
    servername: host,
    ...(ca === undefined ? {} : { ca }),
  });
  try {
    await once(socket, 'secureConnect', { signal: AbortSignal.timeout(ANSWER_MS) });
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

async function act(file: string, verb: string, json: boolean): Promise<void> {
  const print = printer(json);
  try {
    const address = await addressIn(file);
    if (verb === 'address') return print.answer(address);
    if (verb !== 'status' && verb !== 'up')
      throw new Problem('forbidden', `This data lake is run by others: ${verb} is theirs.`);
    const status = await statusOf(address);
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

if (import.meta.main) {
  const words = process.argv.slice(2);
  const [file = '', verb = 'status'] = words.filter((word) => !word.startsWith('--'));
  await act(file, verb, words.includes('--json'));
}
