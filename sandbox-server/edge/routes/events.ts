/** The learner's event stream. */
import { signedIn } from '../app.ts';
import type { App } from '../app.ts';
import type { EventStreams } from '../event-streams.ts';
import { bytes } from './answers.ts';

export function eventRoutes(app: App, streams: EventStreams): void {
  const schema = {
    tags: ['events'],
    response: bytes('text/event-stream of LearnerEvent; begins with a `lab` for each lab'),
  };
  app.get('/api/events', { schema }, async (request, reply) => {
    await streams.open(signedIn(request), reply);
  });
}
