/** What /check says about each thing it measured, in sentences: what was found and, where it is not good, what to do. */
export interface Verdict {
  readonly ok: boolean;
  readonly text: string;
}
/** Milliseconds between this machine's clock and the server's that begin to matter: tokens live for minutes. */
const clockTolerance = 60_000;
/** Median ms of a round trip: above, typing in a terminal is felt to lag; far above, it is tiring. */
const quick = 150;
const slow = 400;

export function onServer(answered: boolean): Verdict {
  return answered
    ? { ok: true, text: 'The server answers.' }
    : {
        ok: false,
        text: 'There is no lab server behind this page: it is the static edition. Everything can be read; labs do not start here.',
      };
}

export function onCookie(kept: boolean): Verdict {
  return kept
    ? { ok: true, text: 'Your browser keeps the cookie that you sign in with.' }
    : {
        ok: false,
        text: 'Your browser does not keep cookies of this site, so you cannot stay signed in. Allow cookies for this address, or leave the private window.',
      };
}

export function onSocket(outcome: 'echoed' | 'refused' | 'silent'): Verdict {
  if (outcome === 'echoed')
    return { ok: true, text: 'A WebSocket opens and brings back what is sent: terminals will work.' };
  const why =
    outcome === 'refused'
      ? 'A WebSocket could not be opened'
      : 'A WebSocket opened, but nothing came back through it';
  return {
    ok: false,
    text: `${why}, so terminals will stay dark. A proxy or a browser extension between you and the server is the usual reason: try another network, or switch extensions off for this address.`,
  };
}

/** @param arrivals ms after the request at which each event came */
export function onStream(arrivals: readonly number[]): Verdict {
  if (arrivals.length < 2)
    return {
      ok: false,
      text: 'The event stream brings nothing, so progress will only show after a reload. A proxy that holds answers back is the usual reason: try another network.',
    };
  // three ticks that come together were held back on the way: a stream in name only
  if (last(arrivals) - (arrivals[0] ?? 0) < 100)
    return {
      ok: false,
      text: 'Events arrive in one heap instead of one by one: a proxy holds them back. Steps will turn green late; try another network.',
    };
  return { ok: true, text: 'Events arrive as they happen: steps will turn green by themselves.' };
}

/** @param ahead ms that this machine's clock is before the server's; negative: behind */
export function onClock(ahead: number): Verdict {
  if (Math.abs(ahead) <= clockTolerance) return { ok: true, text: 'Your clock agrees with the server’s.' };
  const direction = ahead > 0 ? 'ahead of' : 'behind';
  return {
    ok: false,
    text: `Your clock is ${span(Math.abs(ahead))} ${direction} the server’s. Signing in may fail: let your system set the time by itself.`,
  };
}

/** @param times ms of each round trip */
export function onLatency(times: readonly number[]): Verdict {
  if (times.length === 0)
    return { ok: false, text: 'No request came back, so the distance to the server is not known.' };
  const ms = Math.round(median(times));
  if (ms <= quick)
    return { ok: true, text: `A round trip takes ${String(ms)} ms: typing will feel immediate.` };
  if (ms <= slow)
    return {
      ok: true,
      text: `A round trip takes ${String(ms)} ms: good enough, though you may notice it when typing.`,
    };
  return {
    ok: false,
    text: `A round trip takes ${String(ms)} ms: typing in a terminal will lag. A wired or nearer network helps; nothing typed is lost.`,
  };
}

/** One line above all others. */
export function summary(verdicts: readonly Verdict[]): Verdict {
  const bad = verdicts.filter((verdict) => !verdict.ok).length;
  if (bad === 0) return { ok: true, text: 'All is well: labs will work here.' };
  return {
    ok: false,
    text: bad === 1 ? 'One thing needs your attention.' : `${String(bad)} things need your attention.`,
  };
}

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}

function last(numbers: readonly number[]): number {
  return numbers.at(-1) ?? 0;
}

function span(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  return minutes < 120 ? `${String(minutes)} min` : `${String(Math.round(minutes / 60))} h`;
}
