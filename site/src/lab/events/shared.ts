/** The SharedWorker: one event stream for all tabs; whoever joins late is told the newest of each kind. */
import type { FromWorker } from './stream.ts';
import { followEvents } from './follow.ts';
import type { StreamState } from './follow.ts';
import { remember } from './memory.ts';
import type { Memory } from './memory.ts';

const ports = new Set<MessagePort>();
let memory: Memory = new Map();
let state: StreamState = 'connecting';
let following: Disposable | null = null;

function tellAll(message: FromWorker): void {
  for (const port of ports) port.postMessage(message);
}

function follow(): Disposable {
  return followEvents(
    '/api/events',
    (event) => {
      memory = remember(memory, event);
      tellAll({ event });
    },
    (now) => {
      if (now === 'open') memory = new Map();
      state = now;
      tellAll({ state });
    },
  );
}

/** The last tab to leave closes the stream, so that another person's session never inherits it. */
function leave(port: MessagePort): void {
  ports.delete(port);
  if (ports.size > 0) return;
  following?.[Symbol.dispose]();
  following = null;
  memory = new Map();
}

addEventListener('connect', (event) => {
  const [port] = (event as MessageEvent).ports;
  if (port === undefined) return;
  ports.add(port);
  port.onmessage = () => leave(port);
  port.postMessage({ state } satisfies FromWorker);
  for (const known of memory.values()) port.postMessage({ event: known } satisfies FromWorker);
  following ??= follow();
});
