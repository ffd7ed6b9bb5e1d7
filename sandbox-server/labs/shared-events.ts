/**
 * One event socket to an agent, however many rooms listen (labs forwards to the page, checks runs checks).
 * Who comes later first hears what stands: the agent's status, terminals and ports.
 */
import type { AgentEvent } from '../contract/agent.ts';
import type { AgentLink } from '../sandboxes/agent-link.ts';

type Listener = (event: AgentEvent) => void;
type OnState = (state: 'connected' | 'lost') => void;
export interface SharedAgent extends Disposable {
  readonly agent: AgentLink;
  /** the newest of each kind that describes a state */
  standing(): readonly AgentEvent[];
}

/** @param onError what a listener threw: one must not silence the others */
export function shareEvents(link: AgentLink, onError: (error: unknown) => void): SharedAgent {
  const listeners = new Map<Listener, OnState | undefined>();
  const last = new Map<AgentEvent['type'], AgentEvent>();
  let source: Disposable | null = null;
  const guarded = (act: () => void): void => {
    try {
      act();
    } catch (error) {
      onError(error);
    }
  };
  const hear = (event: AgentEvent): void => {
    remember(last, event);
    for (const listener of [...listeners.keys()])
      guarded(() => {
        listener(event);
      });
  };
  const tellState: OnState = (state) => {
    for (const onState of [...listeners.values()]) guarded(() => onState?.(state));
  };
  const events: AgentLink['events'] = (listener, onState) => {
    listeners.set(listener, onState);
    if (source === null) source = link.events(hear, tellState);
    else
      for (const event of last.values())
        guarded(() => {
          listener(event);
        });
    return { [Symbol.dispose]: () => void listeners.delete(listener) };
  };
  return {
    agent: withEvents(link, events),
    standing: () => [...last.values()],
    [Symbol.dispose]() {
      listeners.clear();
      source?.[Symbol.dispose]();
      source = null;
    },
  };
}

function remember(last: Map<AgentEvent['type'], AgentEvent>, event: AgentEvent): void {
  if (event.type === 'hello') {
    last.set('hello', event);
    last.delete('terminals'); // the hello's own are newer
  } else if (event.type === 'terminals' || event.type === 'ports') last.set(event.type, event);
}

/** The link itself with another `events`; its methods keep their own `this`. */
function withEvents(link: AgentLink, events: AgentLink['events']): AgentLink {
  return {
    status: () => link.status(),
    claim: (claim) => link.claim(claim),
    tokens: (tokens) => link.tokens(tokens),
    services: (services) => link.services(services),
    give: (files) => link.give(files),
    run: (script, signal) => link.run(script, signal),
    type: (command) => link.type(command),
    stop: (terminal) => link.stop(terminal),
    terminals: () => link.terminals(),
    closeTerminal: (name) => link.closeTerminal(name),
    tree: (path) => link.tree(path),
    read: (path) => link.read(path),
    write: (path, body, precondition) => link.write(path, body, precondition),
    makeFolder: (path) => link.makeFolder(path),
    move: (from, to) => link.move(from, to),
    remove: (path) => link.remove(path),
    port: (port) => link.port(port),
    terminalSocket: (name, mode) => link.terminalSocket(name, mode),
    events,
  };
}
