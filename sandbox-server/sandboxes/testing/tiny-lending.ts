/** A real https service with an authority of its own, up, and as sandboxes are lent it. */
import { findServices } from '../../services/find.ts';
import { createServices } from '../../services/services.ts';
import { tinyService, type TinyService } from '../../services/testing/tiny-service.ts';
import { silentLog } from '../../telemetry/index.ts';
import type { Lending } from '../driver.ts';

export interface TinyLending {
  readonly tiny: TinyService;
  readonly lending: Lending;
}

/** Inside at port 31447. @param opened whoever closes this ends the service */
export async function tinyLending(opened: AsyncDisposableStack): Promise<TinyLending> {
  const tiny = opened.use(await tinyService({ inside: 31447 }));
  const services = opened.adopt(
    createServices({ definitions: await findServices(tiny.root), state: tiny.state, log: silentLog() }),
    (each) => each.close(),
  );
  await services.ready('tiny');
  const { ca, endpoints } = await services.address('tiny');
  return { tiny, lending: { name: 'tiny', endpoints, ca } };
}
