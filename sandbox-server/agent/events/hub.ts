/** Who listens to this sandbox: events go to every listener; none of them may fill our memory by not reading. */
import type { WebSocket } from 'ws';
import type { AgentEvent } from '../../contract/agent.ts';

/** a listener that has so much unread is cut off; it comes back and is told everything anew */
const MOST_UNREAD = 4 * 1024 * 1024;
const MOST_LISTENERS = 16;
const LIMIT = 4003;

export interface Hub {
  readonly listeners: number;
  add(socket: WebSocket, hello: AgentEvent): void;
  tell(event: AgentEvent): void;
  /** called when a listener comes, and when the last one left */
  onAudience(listener: (present: boolean) => void): void;
}

export function createHub(): Hub {
  const sockets = new Set<WebSocket>();
  let audience: (present: boolean) => void = () => undefined;

  const send = (socket: WebSocket, event: AgentEvent): void => {
    if (socket.bufferedAmount > MOST_UNREAD) socket.close(LIMIT, 'events were not read');
    else socket.send(JSON.stringify(event));
  };
  return {
    get listeners() {
      return sockets.size;
    },
    add(socket, hello) {
      if (sockets.size >= MOST_LISTENERS) return socket.close(LIMIT, 'too many listeners');
      sockets.add(socket);
      send(socket, hello);
      audience(true);
      // a listener has nothing to say; ws answers pings itself
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        if (sockets.size === 0) audience(false);
      });
    },
    tell(event) {
      for (const socket of sockets) send(socket, event);
    },
    onAudience(listener) {
      audience = listener;
    },
  };
}
