/** What machines ask: is it alive, can it serve, what does it hold. */
import { z } from 'zod';
import { Problem } from '../../contract/errors.ts';
import type { App, Rooms } from '../app.ts';
import { isLocal } from '../address.ts';
import { listedSoon } from '../listed-soon.ts';
import { METRICS_TYPE, metricsText } from '../metrics.ts';
import type { Gauges } from '../metrics.ts';
import { nothingHere } from '../problems.ts';
import { answers, bytes } from './answers.ts';

/** Asked by number, from probes that know no name; they tell nothing. */
export const ANY_HOST: readonly string[] = ['/livez', '/readyz'];
const Ok = z.object({ ok: z.literal(true) });

export function healthRoutes(
  app: App,
  { driver }: Pick<Rooms, 'driver'>,
  gauges: Gauges,
  stopping: () => boolean,
): void {
  const tags = ['health'];
  app.get('/livez', { schema: { tags, response: answers(Ok) } }, () => ({ ok: true as const }));

  app.get('/readyz', { schema: { tags, response: answers(Ok) } }, async () => {
    const listed = await listedSoon(driver);
    if (stopping() || listed === null) throw new Problem('unavailable', 'The server is not ready.');
    return { ok: true as const };
  });

  app.get(
    '/metrics',
    { schema: { tags, response: bytes('one gauge or counter a line') } },
    async (request, reply) => {
      if (!isLocal(request.raw)) throw nothingHere();
      return reply.type(METRICS_TYPE).send(await metricsText(gauges, driver));
    },
  );
}
