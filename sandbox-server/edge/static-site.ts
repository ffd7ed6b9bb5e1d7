/** The built site: compressed twins where they are, long lives for hashed names, a policy for each page. */
import { existsSync } from 'node:fs';
import { join, sep } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { App, HostsNow } from './app.ts';
import { createPagePolicies } from './page-policy.ts';
import { page } from './plain-page.ts';
import { bodyOf, nothingHere, statusOf } from './problems.ts';

const FOREVER = 'public, max-age=31536000, immutable';
/** Asked again each time, answered 304 by ETag. */
const FRESH = 'no-cache';

export async function staticSite(app: App, folder: string, hosts: HostsNow): Promise<void> {
  const policies = createPagePolicies(() => hosts().portal);
  const headers = (reply: { header(name: string, value: string): unknown }, file: string): void => {
    reply.header('cache-control', file.includes(`${sep}_astro${sep}`) ? FOREVER : FRESH);
    if (/\.html(?:\.br|\.gz)?$/.test(file)) reply.header('content-security-policy', policies.policyOf(file));
  };
  await app.register(async (scope: App) => {
    scope.addHook('onRequest', async (request, reply) => {
      if (/^\/(?:api|auth|idp)\//.test(request.url)) return reply.callNotFound();
      if (!isBuilt(folder)) return stillBuilding(reply);
    });
    await scope.register(fastifyStatic, {
      root: folder,
      suppressWarning: true,
      preCompressed: true,
      cacheControl: false,
      dotfiles: 'ignore',
      redirect: true,
      setHeaders: headers,
    });
  });
  app.setNotFoundHandler((request, reply) => notFound(request, reply, folder));
}

function isBuilt(folder: string): boolean {
  return existsSync(join(folder, 'index.html'));
}
function stillBuilding(reply: FastifyReply): FastifyReply {
  const text = 'It takes some seconds the first time; this page then shows it by itself. The server is up.';
  return page(
    reply,
    503,
    'The site is being built',
    text,
    { href: '/api/docs', text: 'The server’s interface' },
    2,
  );
}

/** To a person the site's own page, to a program a problem. */
async function notFound(request: FastifyRequest, reply: FastifyReply, folder: string): Promise<FastifyReply> {
  const problem = nothingHere();
  const wantsPage =
    request.headers.accept?.includes('text/html') === true && !request.url.startsWith('/api/');
  if (!wantsPage || !existsSync(join(folder, '404.html'))) {
    return reply.code(statusOf(problem.code)).send(bodyOf(problem));
  }
  return reply.code(404).sendFile('404.html');
}
