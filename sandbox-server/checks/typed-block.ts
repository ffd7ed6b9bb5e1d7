/**
 * A block typed into a terminal, and how it ended. The agent types command after command and stops at the first
 * that fails; each ends with a `command` event, and the whole of it when the terminal's prompt is idle again.
 */
import type { AgentEvent, TypeCommand, TypeResult } from '../contract/agent.ts';
import { Problem } from '../contract/errors.ts';
import type { AgentLink } from '../sandboxes/agent-link.ts';

export interface BlockEnd {
  /** of the last command that ran */
  readonly exit: number;
}
export interface Typed extends Disposable {
  readonly result: TypeResult;
  /** rejects where the wait is called off or `disposed` */
  readonly ended: Promise<BlockEnd>;
}
/** for the agent's events to flow; at once where others listen already */
const CONNECT_MS = 20_000;
/** the idle prompt may be told before the last `command`, which waits for the agent's file */
const GRACE_MS = 200;

/** @throws Problem `busy` and whatever else the agent says to typing */
export async function typeBlock(
  agent: Pick<AgentLink, 'type' | 'events'>,
  command: TypeCommand,
): Promise<Typed> {
  const heard: AgentEvent[] = [];
  // what stood before typing is told first, and says nothing of this block; until then nothing would be heard of it
  const connected = Promise.withResolvers<undefined>();
  let hear: (event: AgentEvent) => void = () => {
    connected.resolve(undefined);
  };
  const listening = agent.events((event) => {
    hear(event);
  });
  try {
    await soon(connected.promise);
    hear = (event) => heard.push(event);
    const result = await agent.type(command);
    const end = Promise.withResolvers<BlockEnd>();
    const follow = createFollower(result.terminal, end.resolve);
    hear = follow.hear;
    heard.forEach(follow.hear);
    const stop = (): void => {
      follow.stop();
      listening[Symbol.dispose]();
      end.reject(new Problem('timeout', 'The command did not end in time.'));
    };
    // whoever does not wait for the end must not be told of its failure either
    end.promise.then(stop, () => undefined);
    return { result, ended: end.promise, [Symbol.dispose]: stop };
  } catch (error) {
    listening[Symbol.dispose]();
    throw error;
  }
}

function createFollower(
  terminal: string,
  end: (how: BlockEnd) => void,
): { hear: (event: AgentEvent) => void; stop: () => void } {
  let exit: number | null = null;
  let idle = false;
  let timer: NodeJS.Timeout | undefined;
  const settle = (): void => {
    clearTimeout(timer);
    if (exit !== null && idle)
      timer = setTimeout(() => {
        end({ exit: exit ?? 0 });
      }, GRACE_MS);
  };
  return {
    stop: () => {
      clearTimeout(timer);
    },
    hear(event) {
      if (event.type === 'command' && event.terminal === terminal) {
        // the first failure is the last command: the agent types no further
        exit = exit === null || exit === 0 ? event.exit : exit;
      } else if (event.type === 'terminals' || event.type === 'hello') {
        const terminals = event.type === 'hello' ? event.status.terminals : event.terminals;
        const state = terminals.find((t) => t.name === terminal)?.prompt.state;
        idle = state === 'idle' || state === 'exited';
      } else return;
      settle();
    },
  };
}

async function soon(connected: Promise<undefined>): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(new Problem('agent-unreachable', 'The sandbox sends no events. Try again in a moment.'));
  }, CONNECT_MS);
  try {
    await Promise.race([connected, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
