import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { followEvents, isLost, type StreamState } from './follow.ts';

/** What a browser has, as far as it is used: the test is the server. */
class Stream extends EventTarget {
  static readonly all: Stream[] = [];
  readonly CLOSED = 2;
  readyState = 0;
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  onerror: (() => void) | null = null;
  readonly url: string;
  constructor(url: string) {
    super();
    this.url = url;
    Stream.all.push(this);
  }
  close(): void {
    this.readyState = this.CLOSED;
  }
  alive(): void {
    this.dispatchEvent(new Event('alive'));
  }
}

let states: StreamState[];
let heard: unknown[];
let following: Disposable;
beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('EventSource', Stream);
  Stream.all.length = 0;
  [states, heard] = [[], []];
  following = followEvents(
    '/api/events',
    (event) => heard.push(event),
    (state) => states.push(state),
  );
});
afterEach(() => {
  following[Symbol.dispose]();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});
const newest = (): Stream => Stream.all.at(-1) ?? expect.fail('nothing was dialled');

describe('a stream', () => {
  it('says what it hears, and that it is open', () => {
    newest().onopen?.();
    newest().onmessage?.({ data: '{"type":"restarting"}' });
    expect([states, heard]).toEqual([['connecting', 'open'], [{ type: 'restarting' }]]);
  });

  it('is redialled with patience after an answer that is no stream', () => {
    newest().close();
    newest().onerror?.();
    expect(states).toEqual(['connecting', 'lost']);
    vi.advanceTimersByTime(30_000);
    expect(Stream.all.length).toBeGreaterThan(1);
  });

  it('F2 that falls silent is dialled anew: a node that was switched off says no goodbye', () => {
    const first = newest();
    first.onopen?.();
    vi.advanceTimersByTime(39_000);
    expect(states).toEqual(['connecting', 'open']);
    vi.advanceTimersByTime(2_000);
    expect(states).toEqual(['connecting', 'open', 'silent']);
    expect([first.readyState, Stream.all.length]).toEqual([first.CLOSED, 2]);
    newest().onopen?.();
    expect(states.at(-1)).toBe('open');
  });

  it('that is heard now and then stays', () => {
    newest().onopen?.();
    for (let i = 0; i < 10; i += 1) {
      vi.advanceTimersByTime(15_000);
      if (i % 2 === 0) newest().alive();
      else newest().onmessage?.({ data: '{}' });
    }
    expect([states, Stream.all.length]).toEqual([['connecting', 'open'], 1]);
  });

  it('that is dialled and never answered is dialled again', () => {
    vi.advanceTimersByTime(85_000);
    expect([states, Stream.all.length]).toEqual([['connecting', 'silent', 'silent'], 3]);
  });

  it('is over when it is disposed of', () => {
    following[Symbol.dispose]();
    vi.advanceTimersByTime(200_000);
    expect([states, Stream.all.length]).toEqual([['connecting'], 1]);
  });
});

it('lost is lost, whether it was said or not', () => {
  expect((['connecting', 'open', 'lost', 'silent'] as const).filter(isLost)).toEqual(['lost', 'silent']);
});
