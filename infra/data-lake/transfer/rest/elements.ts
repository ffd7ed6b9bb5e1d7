/** `/ban/se` and `/config/se`: what an operator says of an element. */
import { z } from 'zod';
import type { ElementSettings } from '../queue/limits.ts';
import type { App, Rooms } from './app.ts';
import { bearerOf } from './app.ts';
import { parse, parseJson } from './parse.ts';

const Name = z
  .string()
  .min(1)
  .max(300)
  .regex(/^[a-z]*:?\/{0,2}[A-Za-z0-9.:_[\]-]+\/?$/, 'is no name of a storage element');
const BanBody = z.object({
  storage: Name,
  message: z.string().max(500).default(''),
  status: z.enum(['CANCEL', 'WAIT']).default('CANCEL'),
});
const Storage = z.object({ storage: Name });
const Most = z.number().int().min(1).max(1000).nullish();
const ConfigBody = z.record(
  Name,
  z.looseObject({
    se_info: z.looseObject({ inbound_max_active: Most, outbound_max_active: Most }).default({}),
  }),
);

export function elementRoutes(app: App, { queue, now, log }: Rooms): void {
  app.get('/ban/se', () => {
    const banned = [...queue.elements()].filter(([, { banned }]) => banned !== null);
    return Object.fromEntries(
      banned.map(([name, { banned }]) => [
        name,
        { status: banned?.status.toUpperCase(), message: banned?.message, since: banned?.since },
      ]),
    );
  });

  app.post('/ban/se', async (request) => {
    const { storage, message, status } = parseJson(BanBody, request.body);
    const banned = { message, status: status === 'WAIT' ? 'wait' : 'cancel', since: now() } as const;
    await queue.configure(storage, { banned });
    log.warn({ storage, message, status, by: bearerOf(request).sub }, 'element banned');
    return [];
  });

  app.delete('/ban/se', async (request, reply) => {
    const { storage } = parse(Storage, request.query);
    await queue.configure(storage, { banned: null });
    log.warn({ storage, by: bearerOf(request).sub }, 'element no longer banned');
    return reply.code(204).send();
  });

  app.get('/config/se', () => configView(queue.elements()));

  app.post('/config/se', async (request) => {
    const asked = parseJson(ConfigBody, request.body);
    for (const [name, { se_info }] of Object.entries(asked))
      await queue.configure(name, {
        ...(se_info.inbound_max_active === undefined ? {} : { inbound: se_info.inbound_max_active }),
        ...(se_info.outbound_max_active === undefined ? {} : { outbound: se_info.outbound_max_active }),
      });
    return configView(queue.elements());
  });
}

function configView(elements: ReadonlyMap<string, ElementSettings>): Record<string, unknown> {
  return Object.fromEntries(
    [...elements].map(([name, { inbound, outbound }]) => [
      name,
      { operations: {}, se_info: { inbound_max_active: inbound, outbound_max_active: outbound } },
    ]),
  );
}
