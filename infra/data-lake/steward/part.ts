/** The steward as a part of the lake. */
import { dirname, join } from 'node:path';
import { healthOf, startServer, stopServer, untilHealthy, type Part } from '../part.ts';
import type { LakePlace } from '../place.ts';
import { codeRevision } from '../revision.ts';
import { askSteward } from './client.ts';

const NAME = 'steward';

/** What the chart tells a pod's steward besides. */
function podEnvironment(): Record<string, string> {
  const token = process.env['PALESTRA_LAKE_STEWARD_TOKEN'];
  return {
    PALESTRA_LAKE_IN_POD: 'yes',
    ...(token === undefined ? {} : { PALESTRA_LAKE_STEWARD_TOKEN: token }),
  };
}

export function createStewardPart(place: LakePlace): Part {
  const part: Part = {
    name: 'steward',
    stage: 'daemons',
    packages: [],
    async start() {
      await startServer(place, {
        name: NAME,
        argv: [process.execPath, join(import.meta.dirname, 'main.ts')],
        // as whoever runs the lake: it reads secrets of every part, and only its owner may open its socket
        user: null,
        // it uses rooms beside its own
        revision: await codeRevision(),
        env: {
          PALESTRA_STATE: dirname(place.idp),
          PALESTRA_LAKE_PORT: String(place.port),
          TMPDIR: dirname(place.sockets),
          ...(place.inPod ? podEnvironment() : {}),
        },
      });
      await untilHealthy(place, part, [NAME], 30_000);
    },
    health: () =>
      healthOf(place, [NAME], async () => {
        await askSteward(place, '/health', {});
        return 'answers';
      }),
    stop: () => stopServer(place, NAME),
    reset: () => Promise.resolve(),
  };
  return part;
}
