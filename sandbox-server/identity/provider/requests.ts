/** What happens to a request before oidc-provider sees it: the prefix taken away, IAM's ways translated into its own. */
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { AccessTokens } from './access-tokens.ts';

export interface Routed extends IncomingMessage {
  originalUrl?: string;
}
const LONGEST_BODY = 56 * 1024;

/**
 * Makes `req.url` relative to the provider and `req.originalUrl` whole, whoever may have taken the prefix away before.
 * @param prefix path of the issuer without a trailing slash, e.g. /idp
 */
export function route(req: Routed, prefix: string): void {
  const url = req.url ?? '/';
  const whole = within(url, prefix) ? url : `${prefix}${url}`;
  const asked = withRefreshConsent(whole, prefix);
  req.originalUrl = asked;
  req.url = asked.slice(prefix.length) || '/';
}

function within(url: string, prefix: string): boolean {
  return prefix !== '' && (url === prefix || url.startsWith(`${prefix}/`) || url.startsWith(`${prefix}?`));
}

/** IAM gives a refresh token for offline_access alone; oidc-provider drops that scope unless prompt=consent says so too. */
function withRefreshConsent(url: string, prefix: string): string {
  const [path = '', query = ''] = splitOnce(url, '?');
  if (path !== `${prefix}/authorize`) return url;
  const parameters = new URLSearchParams(query);
  const scopes = (parameters.get('scope') ?? '').split(' ');
  if (!scopes.includes('offline_access') || parameters.has('prompt')) return url;
  parameters.set('prompt', 'consent');
  return `${path}?${parameters.toString()}`;
}

/** Userinfo, introspection and revocation are given a JWT; oidc-provider knows it by the handle inside. */
export async function unwrapped(req: Routed, tokens: AccessTokens): Promise<Routed> {
  const path = splitOnce(req.url ?? '', '?')[0];
  if (path === '/userinfo') await unwrapHeader(req, tokens);
  return req.method === 'POST' && (path === '/introspect' || path === '/revoke')
    ? unwrapBody(req, tokens)
    : req;
}

async function unwrapHeader(req: Routed, tokens: AccessTokens): Promise<void> {
  const [scheme = '', jwt = ''] = splitOnce(req.headers.authorization ?? '', ' ');
  const handle = scheme.toLowerCase() === 'bearer' ? await tokens.handleOf(jwt) : null;
  if (handle !== null) req.headers.authorization = `Bearer ${handle}`;
}

async function unwrapBody(req: Routed, tokens: AccessTokens): Promise<Routed> {
  const form = new URLSearchParams(await bodyOf(req));
  const handle = await tokens.handleOf(form.get('token') ?? '');
  if (handle !== null) form.set('token', handle);
  const body = Buffer.from(form.toString());
  return again(req, body);
}

/** The same request with another body: its stream has been read. */
function again(req: Routed, body: Buffer): Routed {
  const { method, url, originalUrl, httpVersion, socket } = req;
  const headers = { ...req.headers, 'content-length': String(body.length) };
  return Object.assign(Readable.from([body], { objectMode: false }), {
    method,
    url,
    originalUrl,
    httpVersion,
    socket,
    headers,
  }) as unknown as Routed;
}

async function bodyOf(req: Routed): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > LONGEST_BODY) return '';
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function splitOnce(text: string, at: string): [string, string] {
  const i = text.indexOf(at);
  return i < 0 ? [text, ''] : [text.slice(0, i), text.slice(i + 1)];
}
