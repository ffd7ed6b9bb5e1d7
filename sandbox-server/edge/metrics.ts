/** What the server counts, in Prometheus's text form; and a door of its own for it, where others than this machine may ask. */
import type { Config } from '../contract/config.ts';
import type { Sandbox } from '../sandboxes/driver.ts';
import type { Rooms } from './app.ts';
import { listedSoon } from './listed-soon.ts';
import { listen } from './listening.ts';
import type { Listener } from './listening.ts';

export const METRICS_TYPE = 'text/plain; version=0.0.4';

export interface Gauges {
  /** name, with its labels → value now, e.g. `palestra_terminals` */
  read(): Readonly<Record<string, number>>;
}

/** One gauge or counter a line. Sandboxes are counted where the driver answers; `palestra_driver_up` says whether it did. */
export async function metricsText(gauges: Gauges, driver: Rooms['driver']): Promise<string> {
  const counted = await countSandboxes(driver);
  const readings = { ...gauges.read(), palestra_driver_up: counted === null ? 0 : 1, ...counted };
  return Object.entries(readings)
    .map(([name, value]) => `${name} ${value}\n`)
    .join('');
}

/** For a scraper that comes over the network: a port that the portal's proxy does not lead to, and nothing else on it. */
export function listenForMetrics(
  place: NonNullable<Config['metrics']>,
  gauges: Gauges,
  driver: Rooms['driver'],
): Promise<Listener> {
  return listen(place, {
    request: (request, response) => {
      if (request.method !== 'GET' || request.url !== '/metrics') return void response.writeHead(404).end();
      metricsText(gauges, driver).then(
        (text) => response.writeHead(200, { 'content-type': METRICS_TYPE }).end(text),
        () => response.writeHead(500).end(),
      );
    },
    upgrade: (_request, socket) => socket.destroy(),
  });
}

async function countSandboxes(driver: Rooms['driver']): Promise<Record<string, number> | null> {
  // whatever it says: a scraper is told that the driver does not answer, the log of the driver says why
  const listed = await listedSoon(driver).catch(() => null);
  return listed === null ? null : tally(listed);
}
function tally(sandboxes: readonly Sandbox[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kit, lab } of sandboxes) {
    const name = `palestra_sandboxes{kit="${kit}",state="${lab === null ? 'warm' : 'claimed'}"}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}
