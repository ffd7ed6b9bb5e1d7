/** The two cookies of the portal. `__Host-`: this host alone, only over https or on localhost, for every path. */
import type {} from '@fastify/cookie';
import type { FastifyReply } from 'fastify';

export const SESSION_COOKIE = '__Host-palestra';
/** binds a login on its way to this browser; ten minutes to type a password */
export const FLOW_COOKIE = '__Host-palestra-flow';
const FLOW_SECONDS = 600;
// Lax and not Strict: the provider's redirect back must bring them
const ATTRIBUTES = { path: '/', httpOnly: true, secure: true, sameSite: 'lax' } as const;

export function setSession(reply: FastifyReply, value: string, until: number): void {
  const maxAge = Math.max(0, Math.floor((until - Date.now()) / 1000));
  void reply.setCookie(SESSION_COOKIE, value, { ...ATTRIBUTES, maxAge });
}
export function setFlow(reply: FastifyReply, value: string): void {
  void reply.setCookie(FLOW_COOKIE, value, { ...ATTRIBUTES, maxAge: FLOW_SECONDS });
}
export function forget(reply: FastifyReply, name: typeof SESSION_COOKIE | typeof FLOW_COOKIE): void {
  void reply.clearCookie(name, ATTRIBUTES);
}
