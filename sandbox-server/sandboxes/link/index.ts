/** The link's public face. */
export { createLinks } from './link.ts';
export { openTicketKeys, rotateTicketKeys, temporaryTicketKeys } from './keys.ts';
export type { TicketKeys } from './keys.ts';
export { createSign, signTicket } from './ticket.ts';
export type { Sign } from './ticket.ts';
