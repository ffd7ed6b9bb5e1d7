/** What a learner has in the data lake: once, and as a stream that asks the lake only while it is open. */
import { LakeData } from '../../contract/lake.ts';
import { signedIn } from '../app.ts';
import type { App, Rooms } from '../app.ts';
import type { EventStreams } from '../event-streams.ts';
import { answers, bytes } from './answers.ts';
import { LabParams } from './labs.ts';

const tags = ['data'];

export function dataRoutes(app: App, { lake }: Pick<Rooms, 'lake'>, streams: EventStreams): void {
  app.get(
    '/api/labs/:lab/data',
    { schema: { tags, params: LabParams, response: answers(LakeData) } },
    (request) => lake.read(signedIn(request), request.params.lab),
  );
  app.get(
    '/api/labs/:lab/data/events',
    {
      schema: {
        tags,
        params: LabParams,
        response: bytes('text/event-stream of LakeNews; begins with `all` or `trouble`'),
      },
    },
    async (request, reply) => {
      const who = signedIn(request);
      await streams.open(who, reply, (listener) => lake.watch(who, request.params.lab, listener));
    },
  );
}
