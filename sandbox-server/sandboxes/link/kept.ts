/**
 * Connections to agents over the network, kept for the next request. A start asks its agent five things within 200 ms,
 * and each had a TLS handshake of its own: a quarter of what it cost server and agent together. What was compared at its
 * beginning, the pin, holds for a connection's whole life; a pod at the same address has another pin, and
 * another connection.
 */
import http from 'node:http';
import type { ClientRequestArgs, RequestOptions } from 'node:http';
import type { AgentAddress } from '../driver.ts';
import { connector } from './dial.ts';

/** idle, ms: less than half of what an agent allows (5 s), so that it is never ours to write when it hangs up */
const IDLE_MS = 2_000;
/** idle ones to one agent */
const FREE = 2;

type Remote = Extract<AgentAddress, { kind: 'tls' }>;
/** what a request by a kept connection names besides: its agent as a whole */
type ToAgent = ClientRequestArgs & { readonly address: Remote };

class KeptConnections extends http.Agent {
  override getName(options?: ClientRequestArgs): string {
    const { host, port, pin } = (options as ToAgent).address;
    return `${host}:${port}:${pin}`;
  }
  override createConnection(
    options: ClientRequestArgs,
    done: Parameters<NonNullable<RequestOptions['createConnection']>>[1],
  ): undefined {
    connector((options as ToAgent).address)(options, done);
    return undefined;
  }
}

export const kept = new KeptConnections({ keepAlive: true, maxFreeSockets: FREE, timeout: IDLE_MS });
