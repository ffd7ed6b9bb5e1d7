/**
 * The contract's plain constants, again: the contract's own files import zod, which a page must not
 * load. The compiler holds the literal ones to the contract, `constants.test.ts` all of them.
 */
import type {
  CLOSE as ContractClose,
  TERMINAL_PROTOCOL as ContractProtocol,
} from '../../../sandbox-server/contract/terminal.ts';
import type { XSRF_HEADER as ContractHeader } from '../../../sandbox-server/contract/api.ts';

export const TERMINAL_PROTOCOL = 'palestra.terminal.v1' satisfies typeof ContractProtocol;
export const XSRF_HEADER = 'x-palestra' satisfies typeof ContractHeader;
export const CLOSE = {
  ended: 4000,
  revoked: 4001,
  restarting: 4002,
  limit: 4003,
  badTicket: 4004,
  agentLost: 4005,
} as const satisfies typeof ContractClose;
/** Bytes of one message to the terminal; longer pastes are cut into several. */
export const MESSAGE_LIMIT = 64 * 1024;
/** Bytes of a file that the editor opens. */
export const EDITOR_LIMIT = 10 * 1024 * 1024;
/** Bytes of one upload. */
export const UPLOAD_LIMIT = 1024 * 1024 * 1024;
