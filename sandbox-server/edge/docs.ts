/** The OpenAPI document of the routes as they stand, and a page to read it at /api/docs; nothing from elsewhere. */
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';
import type { App } from './app.ts';

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; font-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
const SUMMARY =
  'Requests that change something need the header `X-Palestra: 1` and come from a page of this site. Every failure is a problem: code, message, details. ' +
  'WebSockets: `/api/labs/:lab/terminals/:name` (subprotocols `palestra.terminal.v1` and `ticket.<ticket>`), `/api/check/socket`.';

/** To be registered before the routes it shall know. */
export async function apiDocs(app: App, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: { openapi: '3.1.0', info: { title: 'Palestra', version, description: SUMMARY } },
    transform: jsonSchemaTransform,
  });
  await app.register(swaggerUi, {
    routePrefix: '/api/docs',
    staticCSP: POLICY,
    theme: { title: 'Palestra’s interface' },
    // trying out would need the page's own headers; reading does not
    uiConfig: { supportedSubmitMethods: [], deepLinking: true },
  });
}
