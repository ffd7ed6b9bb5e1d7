/** A learner with a bad network: reads a terminal, is cut off, comes back, and must miss nothing. */
import { setTimeout as wait } from 'node:timers/promises';
import type { AgentLink } from '../../sandboxes/agent-link.ts';
import { clientOn } from '../../sandboxes/link/terminal-client.ts';

/** on the line, and off it, ms */
const ON_MS = 800;
const OFF_MS = 400;
/** for a terminal's welcome: a busy room is slow */
const WELCOME_MS = 20_000;

export interface Dropping {
  readonly cuts: number;
  /** what was missed, as a sentence; null: nothing so far */
  readonly missed: string | null;
  /** the last cut; resolves once nothing is connected any more */
  end(): Promise<void>;
}

type Terminals = Pick<AgentLink, 'terminals' | 'terminalSocket'>;

/** Reads the first terminal that there is. Whoever opens it ends it. */
export function dropOff(agent: Terminals): Dropping {
  const over = new AbortController();
  let cuts = 0;
  let missed: string | null = null;
  let from = 0;
  const once = async (): Promise<void> => {
    const [first] = await agent.terminals();
    if (first === undefined) return;
    const client = clientOn(await agent.terminalSocket(first.name, 'read'), {
      from,
      mode: 'read',
      keep: false,
    });
    const until = Date.now() + WELCOME_MS;
    while (client.welcome === null && client.closed === null && Date.now() < until) await wait(20);
    if (client.welcome !== null && client.welcome.start !== from)
      missed ??= `bytes ${from} to ${client.welcome.start} of terminal ${first.name} were missing after a cut`;
    await pause(ON_MS, over.signal);
    from = client.offset;
    client.cut();
    cuts += 1;
  };
  const line = (async () => {
    while (!over.signal.aborted) {
      // a sandbox that does not answer is its learner's to find out, not this line's
      await once().catch(() => undefined);
      await pause(OFF_MS, over.signal);
    }
  })();
  return {
    get cuts() {
      return cuts;
    },
    get missed() {
      return missed;
    },
    async end() {
      over.abort();
      await line;
    },
  };
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  wait(ms, undefined, { signal }).catch(() => undefined);
