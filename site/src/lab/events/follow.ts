/** One EventSource that stays open: the browser redials after a cut, this does after a refusal too, with patience. */
import type { LearnerEvent } from '../../../../sandbox-server/contract/events.ts';
import { backOff } from '../terminal/back-off.ts';

export type StreamState = 'connecting' | 'open' | 'lost';

/** Follows until disposed. `open` is said each time the stream begins anew. The server is ours: what it says is typed, not parsed. */
export function followEvents<Event = LearnerEvent>(
  url: string,
  onEvent: (event: Event) => void,
  onState: (state: StreamState) => void,
): Disposable {
  let source: EventSource;
  let attempt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const dial = (): void => {
    source = new EventSource(url);
    source.onopen = () => {
      attempt = 0;
      onState('open');
    };
    source.onmessage = ({ data }: MessageEvent<string>) => onEvent(JSON.parse(data) as Event);
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
      source.close();
    },
  };
}
