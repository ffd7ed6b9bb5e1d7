/** Services lent to this sandbox: exactly those that the server said last, one change after the other. */
import net from 'node:net';
import type { Duplex } from 'node:stream';
import type { AgentStatus, LentServices } from '../../contract/agent.ts';
import { Refusal } from '../refusal.ts';
import { carry, type Carrier, type Dial } from './carrier.ts';
import { layFiles } from './files.ts';
import { parseLent, type LentEndpoint } from './lent.ts';
import { createTunnel } from './tunnel.ts';

export interface CarriedServices {
  /** environment of what is lent */
  readonly env: Readonly<Record<string, string>>;
  /** resolves once it is so */
  put(body: Record<string, unknown>): Promise<void>;
  /** the server's way for what has no socket here */
  tunnel(connection: Duplex): Promise<void>;
  /** whether this port is a service's: it is no program of the learner's, and nobody previews it */
  has(port: number): boolean;
  status(): NonNullable<AgentStatus['services']>;
  close(): Promise<void>;
}

/** @param folder what certificates are laid into; absent: whoever sends some is refused */
export function createServices(warn: (text: string) => void, folder?: string): CarriedServices {
  const carriers = new Map<number, { readonly carrier: Carrier; readonly way: string }>();
  const tunnel = createTunnel();
  let lent: LentServices = { endpoints: [], env: {} };
  let changing: Promise<void> = Promise.resolve();

  const change = async (next: LentServices): Promise<void> => {
    if (folder !== undefined) await layFiles(folder, next.files ?? {});
    lent = next;
    const wanted = new Map(next.endpoints.map((endpoint) => [endpoint.port, wayOf(endpoint)]));
    for (const [port, { carrier, way }] of carriers) {
      if (wanted.get(port) === way) continue;
      carriers.delete(port);
      await carrier.close();
    }
    for (const endpoint of next.endpoints) {
      const { port, host } = endpoint;
      if (carriers.has(port)) continue;
      const carrier = await carry(port, dialTo(endpoint));
      if (carrier !== null) carriers.set(port, { carrier, way: wayOf(endpoint) });
      else
        warn(
          `${host}:${port} cannot be reached: a program of yours listens on port ${port}. End it, then press Start.`,
        );
    }
  };
  const dialTo = ({ socket, host, port }: LentEndpoint): Dial =>
    socket === null
      ? () => tunnel.open(host, port)
      : () => ({ stream: net.connect({ path: socket, allowHalfOpen: true }), isWhole: () => true });
  return {
    get env() {
      return lent.env;
    },
    async put(body) {
      const next = parseLent(body);
      if (next.files !== undefined && folder === undefined)
        throw new Refusal('bad-request', 'This sandbox has its certificates from its driver.');
      const mine = changing.then(() => change(next));
      changing = mine.catch(() => undefined); // told to whoever asked for it
      await mine;
    },
    tunnel: (connection) => tunnel.take(connection),
    has: (port) => lent.endpoints.some((endpoint) => endpoint.port === port),
    status: () =>
      lent.endpoints.map(({ service, host, port }) => {
        const carrier = carriers.get(port)?.carrier;
        const counts = { open: carrier?.open ?? 0, refused: carrier?.refused ?? 0 };
        return { service, host, port, listening: carrier !== undefined, ...counts };
      }),
    async close() {
      await changing;
      tunnel.close();
      await Promise.all([...carriers.values()].map(({ carrier }) => carrier.close()));
      carriers.clear();
    },
  };
}

/** Two of the same way go on as they are. */
const wayOf = ({ socket, host, port }: LentEndpoint): string => socket ?? `${host}:${port}`;
