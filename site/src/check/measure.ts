/** What /check measures with, in a browser. Every measurement ends: an answer that never comes is an outcome too. */
const patience = 5_000;

export interface ServerEcho {
  /** ms of the round trip */
  readonly took: number;
  /** the server's clock in ms at the middle of the trip, as far as it said so */
  readonly now: number | null;
}

/** @returns null where no Palestra answers */
export async function askServer(): Promise<ServerEcho | null> {
  const sent = performance.now();
  try {
    const reply = await fetch('/api/check', { cache: 'no-store', signal: AbortSignal.timeout(patience) });
    if (!reply.ok || !reply.headers.get('content-type')?.includes('json')) return null;
    const body: unknown = await reply.json();
    return { took: performance.now() - sent, now: serverTime(body) };
  } catch (error) {
    // no answer, half an answer, too late an answer
    if (error instanceof TypeError || error instanceof SyntaxError || error instanceof DOMException)
      return null;
    throw error;
  }
}

/** The first of the usual names that holds a time. */
function serverTime(body: unknown): number | null {
  if (typeof body !== 'object' || body === null) return null;
  const times = ['now', 'time', 'at'].map((name) => (body as Record<string, unknown>)[name]);
  return times.find((time) => typeof time === 'number') ?? null;
}

/** Sets a cookie of this page and looks whether it is there. */
export function keepsCookies(): boolean {
  document.cookie = 'palestra-check=1; Path=/check/; SameSite=Lax; Max-Age=60';
  const kept = document.cookie.includes('palestra-check=1');
  document.cookie = 'palestra-check=; Path=/check/; Max-Age=0';
  return kept;
}

export function askSocket(): Promise<'echoed' | 'refused' | 'silent'> {
  return new Promise((resolve) => {
    const socket = new WebSocket(
      `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/api/check/socket`,
    );
    let opened = false;
    const word = `palestra ${String(Math.random())}`;
    const end = (outcome: 'echoed' | 'refused' | 'silent') => {
      clearTimeout(timer);
      socket.close();
      resolve(outcome);
    };
    const timer = setTimeout(() => {
      end(opened ? 'silent' : 'refused');
    }, patience);
    socket.onopen = () => {
      opened = true;
      socket.send(word);
    };
    socket.onmessage = (event) => {
      if (typeof event.data === 'string' && event.data.includes(word)) end('echoed');
    };
    socket.onclose = () => {
      end(opened ? 'silent' : 'refused');
    };
  });
}

/** @returns ms at which each of the stream's ticks arrived */
export function askStream(): Promise<readonly number[]> {
  return new Promise((resolve) => {
    const begun = performance.now();
    const arrivals: number[] = [];
    const stream = new EventSource('/api/check/events');
    const end = () => {
      clearTimeout(timer);
      stream.close();
      resolve(arrivals);
    };
    const timer = setTimeout(end, patience);
    const arrived = () => {
      arrivals.push(performance.now() - begun);
      if (arrivals.length === 3) end();
    };
    stream.addEventListener('message', arrived);
    stream.addEventListener('tick', arrived);
    // the end of the stream is an error to EventSource, which would begin again
    stream.addEventListener('error', end);
  });
}
