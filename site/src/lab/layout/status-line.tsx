/** The line at the bottom: am I connected, is my work saved, does the token look after itself, how long is it kept, how do I stop. */
import type { Lab } from '../../../../sandbox-server/contract/lab.ts';
import { overall } from '../steps/pill.ts';
import type { Work } from '../work.ts';
import { inSeconds, readyIn } from './stages.ts';

interface Props {
  readonly work: Work;
  readonly onPause: () => void;
  readonly onEnd: () => void;
}

export function StatusLine({ work, onPause, onEnd }: Props) {
  const lab = work.lab.value;
  const { done, all } = overall(work.page.steps, work.steps.value);
  return (
    <>
      <Connection work={work} />
      <span class="lab-steps">
        <progress value={done} max={Math.max(all, 1)} aria-label="Steps of this lesson that are done" />{' '}
        <b>{done}</b> of {all} steps
      </span>
      {lab?.state === 'ready' && <Ready lab={lab} work={work} />}
      <span class="lab-grow" />
      {lab?.state === 'ready' && (
        <>
          <span class="lab-leave">
            leave the terminal: <kbd>Esc</kbd> <kbd>Tab</kbd>
          </span>
          <button type="button" onClick={onPause}>
            pause
          </button>
          <button type="button" onClick={onEnd}>
            end…
          </button>
        </>
      )}
    </>
  );
}

function Connection({ work }: { work: Work }) {
  const connected = work.stream.value === 'open';
  return (
    <span class={connected ? 'lab-ok' : 'lab-cut'} role="status">
      <span aria-hidden="true">{connected ? '●' : '○'} </span>
      {connected
        ? 'connected'
        : work.stream.value === 'connecting'
          ? 'connecting…'
          : 'connection lost, trying again; programs run on'}
    </span>
  );
}

function Ready({ lab, work }: { lab: Lab; work: Work }) {
  const seconds = readyIn(lab);
  return (
    <>
      {seconds !== null && (
        <span class="lab-wide">
          ready in <b>{inSeconds(seconds)}</b>
        </span>
      )}
      <Saved work={work} />
      {lab.token && <Token token={lab.token} now={work.now.value} />}
      <span class="lab-wide">
        kept until <b>{day(lab.keptUntil)}</b>
      </span>
      {lab.isolation !== null && lab.isolation !== 'enforced' && (
        <span
          class="lab-wide lab-cut"
          title={
            lab.isolation === 'advisory'
              ? 'Memory and disk bounds of this sandbox are watched, not enforced by the system.'
              : 'This sandbox runs without isolation, on this machine alone.'
          }
        >
          {lab.isolation === 'advisory' ? 'limits watched' : 'not isolated'}
        </span>
      )}
    </>
  );
}

function Saved({ work }: { work: Work }) {
  const unsaved = work.unsaved.value;
  if (unsaved.length > 0) {
    return (
      <span class="lab-cut">
        <b>{unsaved.length === 1 ? unsaved[0] : `${String(unsaved.length)} files`}</b> not saved
      </span>
    );
  }
  return (
    <span class="lab-saved">
      {work.savedAt.value === null ? (
        'all saved'
      ) : (
        <>
          all saved <b>{clock(work.savedAt.value)}</b>
        </>
      )}
    </span>
  );
}

function Token({ token, now }: { token: NonNullable<Lab['token']>; now: number }) {
  const minutes = Math.max(0, Math.round((token.expiresAt - now) / 60_000));
  if (token.renews)
    return (
      <span class="lab-wide" title={`This one is good for ${String(minutes)} more minutes.`}>
        token renews itself
      </span>
    );
  return (
    <span class="lab-cut">
      {minutes === 0 ? 'token expired: sign in again' : `token ends in ${String(minutes)} min: sign in again`}
    </span>
  );
}

export function day(ms: number): string {
  return new Date(ms).toLocaleDateString('en-GB', { day: 'numeric', month: 'short' });
}
export function clock(ms: number): string {
  return new Date(ms).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
}
