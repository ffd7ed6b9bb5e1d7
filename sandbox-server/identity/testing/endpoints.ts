/** The development provider's endpoints as any program would use them: raw requests, no client library. */
import { createHash, randomBytes } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, type JWTPayload } from 'jose';
import type { Browser } from './browser.ts';
import { browser } from './browser.ts';
import type { Portal } from './portal.ts';
import type { Who } from './sign-in.ts';

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}
export async function post(
  url: string,
  form: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams(form), headers });
  const text = await response.text();
  return {
    status: response.status,
    body: text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : { text },
  };
}
export async function get(url: string, token?: string): Promise<Answer> {
  const response = await fetch(
    url,
    token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } },
  );
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}
export function decoded(token: unknown): { header: object; claims: JWTPayload } {
  if (typeof token !== 'string') throw new Error(`no token: ${JSON.stringify(token)}`);
  return { header: decodeProtectedHeader(token), claims: decodeJwt(token) };
}

export interface Program {
  readonly id: string;
  readonly secret: string;
  readonly redirect: string;
}
export function portalProgram(portal: Portal): Program {
  return {
    id: 'palestra',
    secret: portal.provider?.clientSecret ?? '',
    redirect: `${portal.url}/auth/callback`,
  };
}
export function credentials({ id, secret }: Program): Record<string, string> {
  return { client_id: id, client_secret: secret };
}

/** The code flow by hand, up to the code. */
export async function codeFor(
  portal: Portal,
  program: Program,
  who: Who,
  scope: string,
  at: Browser = browser(),
): Promise<{ code: string; verifier: string }> {
  const verifier = randomBytes(32).toString('base64url');
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  const asked = {
    client_id: program.id,
    redirect_uri: program.redirect,
    response_type: 'code',
    scope,
    state: 'state',
    nonce: 'nonce',
    code_challenge: challenge,
    code_challenge_method: 'S256',
  };
  const page = await at.get(`${portal.url}/idp/authorize?${new URLSearchParams(asked).toString()}`);
  let answer = await at.ask(page.url, {
    method: 'POST',
    body: new URLSearchParams({ ...who }),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
  for (let hops = 0; hops < 8; hops += 1) {
    const to = new URL(answer.headers.get('location') ?? `no-location:${answer.status}`, answer.url);
    if (to.href.startsWith(program.redirect))
      return { code: to.searchParams.get('code') ?? `none: ${to.search}`, verifier };
    answer = await at.ask(to);
  }
  throw new Error('never redirected to the program');
}

export async function tokensFor(portal: Portal, program: Program, who: Who, scope: string): Promise<Answer> {
  const { code, verifier } = await codeFor(portal, program, who, scope);
  const form = {
    grant_type: 'authorization_code',
    code,
    code_verifier: verifier,
    redirect_uri: program.redirect,
  };
  return post(`${portal.url}/idp/token`, { ...form, ...credentials(program) });
}
