/** Signing in and out: the browser's two redirects and the cookies between them. The rest is identity's. */
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { onlyCookie } from '../../relay/index.ts';
import type { App, HostsNow, Rooms } from '../app.ts';
import { FLOW_COOKIE, SESSION_COOKIE, forget, setFlow, setSession } from '../cookies.ts';
import { localPath } from '../local-path.ts';
import { page } from '../plain-page.ts';
import { statusOf, toProblem } from '../problems.ts';
import { DONE } from './answers.ts';

const tags = ['session'];

export function authRoutes(
  app: App,
  { identity, log }: Pick<Rooms, 'identity' | 'log'>,
  hosts: HostsNow,
): void {
  // a `next` that stands there twice is an array: home, like every other odd one
  const Next = z.object({ next: z.string().optional().catch(undefined) });

  app.get('/auth/login', { schema: { tags, querystring: Next } }, (request, reply) =>
    orPage(reply, async () => {
      const { location, flow } = await identity.begin(localPath(request.query.next));
      setFlow(reply, flow);
      return reply.header('cache-control', 'no-store').redirect(location.href, 302);
    }),
  );

  app.get('/auth/callback', { schema: { tags } }, (request, reply) =>
    orPage(reply, async () => {
      const flow = onlyCookie(request.headers.cookie, FLOW_COOKIE);
      forget(reply, FLOW_COOKIE);
      const { cookie, next, signedIn } = await identity.finish(new URL(request.url, hosts().portal), flow);
      setSession(reply, cookie, signedIn.until);
      return reply.header('cache-control', 'no-store').redirect(localPath(next), 302);
    }),
  );

  app.post('/auth/logout', { schema: { tags, response: DONE } }, async (request, reply) => {
    const cookie = onlyCookie(request.headers.cookie, SESSION_COOKIE);
    if (cookie !== undefined) await identity.signOut(cookie);
    forget(reply, SESSION_COOKIE);
    return reply.code(204).send(null);
  });

  /** A person reads these two in the address bar: a problem is a page with a way on. */
  async function orPage(reply: FastifyReply, work: () => Promise<FastifyReply>): Promise<FastifyReply> {
    try {
      return await work();
    } catch (error) {
      const problem = toProblem(error);
      if (problem.code === 'internal') log.error({ err: error }, 'a login failed');
      else log.info({ code: problem.code, reason: problem.message }, 'a login was refused');
      return page(reply, statusOf(problem.code), 'Signing in did not work', problem.message, {
        href: '/auth/login',
        text: 'Try again',
      });
    }
  }
}
