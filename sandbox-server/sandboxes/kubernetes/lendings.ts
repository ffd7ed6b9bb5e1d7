/**
 * Services in pods. A pod reaches nothing by itself: its policy lets nothing out. The server opens a connection to its
 * agent, and what programs inside ask for comes back through it, to what the lab was lent and nothing else (decision 012).
 */
import type { Duplex } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import type { LentServices } from '../../contract/agent.ts';
import type { TunnelLink } from '../agent-link.ts';
import type { Lending, Sandbox } from '../driver.ts';
import { serveTunnel, type Target } from '../link/tunnel.ts';
import { trustOf } from '../trust.ts';
import { SERVICES_FOLDER } from './objects/names.ts';

const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 5_000;

export interface Lendings {
  /** exactly these from now on. Problem `unavailable` where a service's authority is not there, or of an agent that does not answer */
  lend(sandbox: Sandbox, services: readonly Lending[]): Promise<LentServices>;
  /** the sandbox is gone, or nobody's */
  forget(id: string): void;
  close(): void;
}

interface Lent {
  /** `host:port` inside → where it goes */
  targets: ReadonlyMap<string, Target>;
  readonly over: AbortController;
}

export function createLendings(linkTo: (sandbox: Sandbox) => TunnelLink): Lendings {
  const lent = new Map<string, Lent>();
  const forget = (id: string): void => {
    lent.get(id)?.over.abort();
    lent.delete(id);
  };
  return {
    async lend(sandbox, services) {
      const { files, env } = await trustOf(services);
      const endpoints = services.flatMap((service) =>
        service.endpoints.map(({ host, port, to }) => ({ service: service.name, host, port, to })),
      );
      const targets = new Map(endpoints.map(({ host, port, to }) => [`${host}:${port}`, to]));
      if (targets.size === 0) forget(sandbox.id);
      else await keep(sandbox, targets);
      return {
        endpoints: endpoints.map(({ service, host, port }) => ({ service, host, port, socket: null })),
        env: Object.fromEntries(
          Object.entries(env).map(([name, file]) => [name, `${SERVICES_FOLDER}/${file}`]),
        ),
        files,
      };
    },
    forget,
    close() {
      for (const id of [...lent.keys()]) forget(id);
    },
  };

  async function keep(sandbox: Sandbox, targets: Lent['targets']): Promise<void> {
    const known = lent.get(sandbox.id);
    if (known !== undefined) return void (known.targets = targets);
    const link = linkTo(sandbox);
    const first = await link.tunnel();
    const mine: Lent = { targets, over: new AbortController() };
    forget(sandbox.id);
    lent.set(sandbox.id, mine);
    void follow(link, mine, first);
  }
}

/** One tunnel after the other until it is over: a network that hiccups, an agent that starts again. */
async function follow(link: TunnelLink, mine: Lent, first: Duplex): Promise<void> {
  const { signal } = mine.over;
  let connection: Duplex | null = first;
  let pause = FIRST_PAUSE;
  while (!signal.aborted) {
    if (connection !== null) await serve(connection, mine);
    pause = connection === null ? Math.min(LONGEST_PAUSE, pause * 2) : FIRST_PAUSE;
    // jitter: the hundred tunnels of one server must not dial in step
    await wait(pause * (0.5 + Math.random()), undefined, { signal, ref: false }).catch(() => undefined);
    connection = signal.aborted ? null : await link.tunnel().catch(() => null);
  }
  connection?.destroy();
}

async function serve(connection: Duplex, mine: Lent): Promise<void> {
  const { signal } = mine.over;
  const hangUp = (): void => void connection.destroy();
  signal.addEventListener('abort', hangUp);
  if (signal.aborted) hangUp();
  await serveTunnel(connection, (authority) => mine.targets.get(authority));
  signal.removeEventListener('abort', hangUp);
}
