/** Services lent to this sandbox: exactly those that the server said last, one change after the other. */
import type { AgentStatus, LentServices } from '../../contract/agent.ts';
import { carry, type Carrier } from './carrier.ts';
import { parseLent } from './lent.ts';

export interface CarriedServices {
  /** environment of what is lent */
  readonly env: Readonly<Record<string, string>>;
  /** resolves once it is so */
  put(body: Record<string, unknown>): Promise<void>;
  /** whether this port is a service's: it is no program of the learner's, and nobody previews it */
  has(port: number): boolean;
  status(): NonNullable<AgentStatus['services']>;
  close(): Promise<void>;
}

export function createServices(warn: (text: string) => void): CarriedServices {
  const carriers = new Map<number, Carrier>();
  let lent: LentServices = { endpoints: [], env: {} };
  let changing: Promise<void> = Promise.resolve();

  const change = async (next: LentServices): Promise<void> => {
    lent = next;
    const wanted = new Map(next.endpoints.map((endpoint) => [endpoint.port, endpoint.socket]));
    for (const [port, carrier] of carriers) {
      if (wanted.get(port) === carrier.socket) continue;
      carriers.delete(port);
      await carrier.close();
    }
    for (const { port, socket, host } of next.endpoints) {
      if (carriers.has(port)) continue;
      const carrier = await carry(port, socket);
      if (carrier !== null) carriers.set(port, carrier);
      else
        warn(
          `${host}:${port} cannot be reached: a program of yours listens on port ${port}. End it, then press Start.`,
        );
    }
  };
  return {
    get env() {
      return lent.env;
    },
    async put(body) {
      const next = parseLent(body);
      const mine = changing.then(() => change(next));
      changing = mine.catch(() => undefined); // told to whoever asked for it
      await mine;
    },
    has: (port) => lent.endpoints.some((endpoint) => endpoint.port === port),
    status: () =>
      lent.endpoints.map(({ service, host, port }) => {
        const carrier = carriers.get(port);
        const counts = { open: carrier?.open ?? 0, refused: carrier?.refused ?? 0 };
        return { service, host, port, listening: carrier !== undefined, ...counts };
      }),
    async close() {
      await changing;
      await Promise.all([...carriers.values()].map((carrier) => carrier.close()));
      carriers.clear();
    },
  };
}
