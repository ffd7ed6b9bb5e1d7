/** What the page /check measures with: an echo with the server's clock, and a stream that ticks thrice. */
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import type { App } from '../app.ts';
import { answers, bytes } from './answers.ts';

const Echo = z.object({ now: z.number().describe('the server’s clock, ms since the epoch') });

export function checkRoutes(app: App): void {
  const tags = ['check'];
  app.get('/api/check', { schema: { tags, response: answers(Echo) } }, (_request, reply) => {
    void reply.header('cache-control', 'no-store');
    return { now: Date.now() };
  });
  app.get(
    '/api/check/events',
    { schema: { tags, response: bytes('text/event-stream: three ticks, 300 ms apart') } },
    (_request, reply) =>
      reply
        .headers({ 'cache-control': 'no-store', 'x-accel-buffering': 'no' })
        .type('text/event-stream')
        .send(ReadableStream.from(ticks())),
  );
}

async function* ticks(): AsyncGenerator<string> {
  for (let tick = 1; tick <= 3; tick++) {
    if (tick > 1) await wait(300);
    yield `data: ${JSON.stringify({ tick, now: Date.now() })}\n\n`;
  }
}
