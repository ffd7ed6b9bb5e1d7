/** The /check page: measures one thing after the other and says what it found in each line. */
import { askServer, askSocket, askStream, keepsCookies } from './measure.ts';
import type { ServerEcho } from './measure.ts';
import { median, onClock, onCookie, onLatency, onServer, onSocket, onStream, summary } from './verdicts.ts';
import type { Verdict } from './verdicts.ts';

async function look(): Promise<void> {
  const verdicts: Verdict[] = [];
  const say = (line: string, verdict: Verdict) => {
    verdicts.push(verdict);
    write(line, verdict);
  };
  const first = await askServer();
  say('server', onServer(first !== null));
  say('cookie', onCookie(keepsCookies()));
  if (first === null) {
    withoutServer();
    return;
  }
  say('socket', onSocket(await askSocket()));
  say('stream', onStream(await askStream()));
  const echoes = await several(5);
  if (echoes.some((echo) => echo.now !== null)) say('clock', onClock(clockAhead(echoes)));
  say('latency', onLatency(echoes.map((echo) => echo.took)));
  write('summary', summary(verdicts));
}

async function several(times: number): Promise<readonly ServerEcho[]> {
  const echoes: ServerEcho[] = [];
  for (let n = 0; n < times; n += 1) {
    const echo = await askServer();
    if (echo !== null) echoes.push(echo);
  }
  return echoes;
}

/** Half the way back is taken off; of five, the middle one. */
function clockAhead(echoes: readonly ServerEcho[]): number {
  return median(echoes.flatMap(({ now, took }) => (now === null ? [] : [Date.now() - took / 2 - now])));
}

function withoutServer(): void {
  for (const line of document.querySelectorAll('[data-needs-server]')) line.remove();
  write('summary', { ok: false, text: 'Labs are not available here.' });
}

function write(name: string, verdict: Verdict): void {
  const line = document.querySelector<HTMLElement>(`[data-line='${name}']`);
  const word = line?.querySelector('.word');
  const text = line?.querySelector('.text');
  if (!line || !word || !text) return;
  line.dataset['state'] = verdict.ok ? 'ok' : 'not-ok';
  word.textContent = verdict.ok ? 'ok' : 'not ok';
  text.textContent = verdict.text;
}

void look();
