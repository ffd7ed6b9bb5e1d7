/** The link's public face. */
export { createLinks } from './link.ts';
export { openTicketKeys, temporaryTicketKeys } from './keys.ts';
export type { TicketKeys } from './keys.ts';
export type { Sign } from './ticket.ts';
