/** The relay's public face: tickets, terminals, previews, and the two small readers that the edge shares. */
export { createTickets } from './tickets.ts';
export type { TicketMode, Tickets } from './tickets.ts';
export { createRelay } from './terminal-relay.ts';
export type { Relay, RelayOptions, TerminalUpgrade } from './terminal-relay.ts';
export { handshakeKey } from './handshake.ts';
export { createPreviews } from './previews/previews.ts';
export type { Previews, PreviewsOptions } from './previews/previews.ts';
export { previewPlace } from './previews/address.ts';
export type { PreviewPlace } from './previews/address.ts';
export { onlyCookie } from './cookies.ts';
export { refuseUpgrade } from './refusal.ts';
