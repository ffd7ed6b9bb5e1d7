/** What the server lends, read from its request: plain checks, since the agent imports no schema library. */
import type { LentServices } from '../../contract/agent.ts';
import { isEnvironment, isText } from '../claim.ts';
import { Refusal } from '../refusal.ts';

export type LentEndpoint = LentServices['endpoints'][number];
const MOST = 64;
const LENT_FILE = /^(certificates\/)?[a-z0-9][a-z0-9.-]{0,60}$/;

/** @throws Refusal `bad-request` for anything that does not fit, two endpoints on one port among it */
export function parseLent(body: Record<string, unknown>): LentServices {
  const { endpoints, env, files } = body;
  if (!Array.isArray(endpoints) || endpoints.length > MOST || !isEnvironment(env)) throw misfit();
  if (!(files === undefined || areFiles(files))) throw misfit();
  const read = endpoints.map(parseEndpoint);
  if (new Set(read.map(({ port }) => port)).size !== read.length) throw misfit();
  return { endpoints: read, env, ...(files === undefined ? {} : { files }) };
}

function areFiles(value: unknown): value is Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).every(([name, text]) => LENT_FILE.test(name) && typeof text === 'string');
}

function parseEndpoint(one: unknown): LentEndpoint {
  const { service, host, port, socket } = (typeof one === 'object' && one !== null ? one : {}) as Record<
    string,
    unknown
  >;
  const good =
    isText(service, 60) &&
    /^[a-z0-9][a-z0-9-]*$/.test(service) &&
    isText(host, 64) &&
    Number.isInteger(port) &&
    Number(port) >= 1024 &&
    Number(port) <= 65_535 &&
    (socket === null || (isText(socket, 107) && socket.startsWith('/')));
  if (!good) throw misfit();
  return { service, host, port: Number(port), socket };
}

function misfit(): Refusal {
  return new Refusal('bad-request', 'The services do not fit the contract.');
}
