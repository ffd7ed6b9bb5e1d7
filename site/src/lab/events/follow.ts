/** One EventSource that stays open: the browser redials after a cut, this does after a refusal too, with patience. */
import type { LearnerEvent } from '../../../../sandbox-server/contract/events.ts';
import { backOff } from '../terminal/back-off.ts';

/** `silent`: lost, and nobody said so: what else is connected to the server is as dead, though it looks open. */
export type StreamState = 'connecting' | 'open' | 'lost' | 'silent';
export const isLost = (state: StreamState): boolean => state === 'lost' || state === 'silent';

/** The server is heard every 15 s (edge/event-streams.ts); a node that was switched off says no goodbye. */
const SILENCE_MS = 40_000;

/** Follows until disposed. `open` is said each time the stream begins anew. The server is ours: what it says is typed, not parsed. */
export function followEvents<Event = LearnerEvent>(
  url: string,
  onEvent: (event: Event) => void,
  onState: (state: StreamState) => void,
): Disposable {
  let source: EventSource;
  let attempt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let silence: ReturnType<typeof setTimeout> | undefined;
  const heard = (): void => {
    clearTimeout(silence);
    silence = setTimeout(() => {
      clearTimeout(timer);
      source.close();
      onState('silent');
      dial();
    }, SILENCE_MS);
  };
  const dial = (): void => {
    source = new EventSource(url);
    heard();
    source.onopen = () => {
      attempt = 0;
      heard();
      onState('open');
    };
    source.addEventListener('alive', heard);
    source.onmessage = ({ data }: MessageEvent<string>) => {
      heard();
      onEvent(JSON.parse(data) as Event);
    };
    source.onerror = () => {
      onState('lost');
      // CONNECTING: the browser redials by itself; CLOSED: the answer was no stream
      if (source.readyState === source.CLOSED) timer = setTimeout(dial, backOff(attempt++, Math.random()));
    };
  };
  onState('connecting');
  dial();
  return {
    [Symbol.dispose]() {
      clearTimeout(timer);
      clearTimeout(silence);
      source.close();
    },
  };
}
