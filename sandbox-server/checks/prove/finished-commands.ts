/** Commands that ended in a sandbox's terminals, as its agent tells them. */
import type { AgentEvent } from '../../contract/agent.ts';
import { Problem } from '../../contract/errors.ts';
import type { AgentLink } from '../../sandboxes/agent-link.ts';

export type Finished = Extract<AgentEvent, { type: 'command' }>;
export interface FinishedCommands extends Disposable {
  /** those of a terminal, from the n-th event on */
  of(terminal: string, from: number): readonly Finished[];
  /** how many events there were so far */
  count(): number;
}

const FIRST_HELLO = 20_000;

/** Resolves once the agent's events flow: what is typed from then on is heard to its end. */
export async function followCommands(agent: Pick<AgentLink, 'events'>): Promise<FinishedCommands> {
  const finished: Finished[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const events = agent.events((event) => {
    if (event.type === 'hello') resolve(undefined);
    if (event.type === 'command') finished.push(event);
  });
  const late = setTimeout(
    () => reject(new Problem('agent-unreachable', 'The sandbox sends no events.')),
    FIRST_HELLO,
  );
  try {
    await promise;
  } catch (error) {
    events[Symbol.dispose]();
    throw error;
  } finally {
    clearTimeout(late);
  }
  return {
    of: (terminal, from) => finished.slice(from).filter((each) => each.terminal === terminal),
    count: () => finished.length,
    [Symbol.dispose]: () => events[Symbol.dispose](),
  };
}
