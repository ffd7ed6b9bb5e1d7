/**
 * The learner's event stream as one tab sees it. Browsers allow six connections to an HTTP/1.1 address, so
 * the tabs share one stream in a SharedWorker; where there is none, each has its own.
 */
import type { LearnerEvent } from '../../../../sandbox-server/contract/events.ts';
import { followEvents } from './follow.ts';
import type { StreamState } from './follow.ts';

export type FromWorker = { readonly event: LearnerEvent } | { readonly state: StreamState };

/** Calls back until disposed. @param onState `refused`: signed out, or not ours to hear */
export function openEvents(
  onEvent: (event: LearnerEvent) => void,
  onState: (state: StreamState) => void,
): Disposable {
  if (typeof SharedWorker === 'undefined') return followEvents('/api/events', onEvent, onState);
  const worker = new SharedWorker(new URL('./shared.ts', import.meta.url), {
    type: 'module',
    name: 'palestra-events',
  });
  worker.port.onmessage = ({ data }: MessageEvent<FromWorker>) => {
    if ('event' in data) onEvent(data.event);
    else onState(data.state);
  };
  const leave = (): void => worker.port.postMessage('leave');
  addEventListener('pagehide', leave);
  return {
    [Symbol.dispose]() {
      removeEventListener('pagehide', leave);
      leave();
      worker.port.close();
    },
  };
}
