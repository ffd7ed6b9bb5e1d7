/** A home on its way out of a sandbox: its bytes as they come, and the summary behind them, believed only when all came. */
import type { IncomingMessage } from 'node:http';
import { SnapshotSummary } from '../../contract/agent.ts';
import type { HomeSnapshot } from '../agent-link.ts';
import { misbehaved } from './problems.ts';
import { parseJson } from './request.ts';

const TRAILER = 'x-palestra-summary';

/** The caller bounds the bytes and the time: what comes is the learner's to make endless (T77). */
export function outgoingHome(answer: IncomingMessage): HomeSnapshot {
  return {
    body: answer,
    summary() {
      const trailer = answer.trailers[TRAILER];
      if (!answer.complete || trailer === undefined) throw misbehaved('its home ended early');
      const parsed = SnapshotSummary.safeParse(parseJson(Buffer.from(trailer, 'base64url')));
      if (!parsed.success) throw misbehaved('its home has no proper summary', parsed.error);
      return parsed.data;
    },
  };
}
