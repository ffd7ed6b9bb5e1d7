/** The line at the bottom: am I connected, is my work saved, does the token look after itself, how long is it kept, how do I stop. */
import type { Lab } from '../../../../sandbox-server/contract/lab.ts';
import { overall } from '../steps/pill.ts';
import type { Work } from '../work.ts';
import { inSeconds, readyIn } from './stages.ts';
import { LOCALE } from '../words/language.ts';
import { say } from '../words/layout.ts';

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
        <progress
          value={done}
          max={Math.max(all, 1)}
          aria-label={say('Steps of this lesson that are done')}
        />{' '}
        {say('{0} of {1} steps', done, all)}
      </span>
      {lab?.state === 'ready' && <Ready lab={lab} work={work} />}
      <span class="lab-grow" />
      {lab?.state === 'ready' && (
        <>
          <span class="lab-leave">
            {say('leave the terminal: ')}
            <kbd>Esc</kbd> <kbd>Tab</kbd>
          </span>
          <button type="button" onClick={onPause}>
            {say('pause')}
          </button>
          <button type="button" onClick={onEnd}>
            {say('end…')}
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
        ? say('connected')
        : work.stream.value === 'connecting'
          ? say('connecting…')
          : say('connection lost, trying again; programs run on')}
    </span>
  );
}

function Ready({ lab, work }: { lab: Lab; work: Work }) {
  const seconds = readyIn(lab);
  return (
    <>
      {seconds !== null && (
        <span class="lab-wide">
          {say('ready in ')}
          <b>{inSeconds(seconds)}</b>
        </span>
      )}
      <Saved work={work} />
      {lab.token && <Token token={lab.token} now={work.now.value} />}
      <span class="lab-wide">
        {say('kept until ')}
        <b>{day(lab.keptUntil)}</b>
      </span>
      {lab.isolation !== null && lab.isolation !== 'enforced' && (
        <span
          class="lab-wide lab-cut"
          title={
            lab.isolation === 'advisory'
              ? say('Memory and disk bounds of this sandbox are watched, not enforced by the system.')
              : say('This sandbox runs without isolation, on this machine alone.')
          }
        >
          {lab.isolation === 'advisory' ? say('limits watched') : say('not isolated')}
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
        <b>{unsaved.length === 1 ? unsaved[0] : say('{0} files', unsaved.length)}</b>
        {say(' not saved')}
      </span>
    );
  }
  return (
    <span class="lab-saved">
      {work.savedAt.value === null ? (
        say('all saved')
      ) : (
        <>
          {say('all saved ')}
          <b>{clock(work.savedAt.value)}</b>
        </>
      )}
    </span>
  );
}

function Token({ token, now }: { token: NonNullable<Lab['token']>; now: number }) {
  const minutes = Math.max(0, Math.round((token.expiresAt - now) / 60_000));
  if (token.renews)
    return (
      <span class="lab-wide" title={say('This one is good for {0} more minutes.', minutes)}>
        {say('token renews itself')}
      </span>
    );
  return (
    <span class="lab-cut">
      {minutes === 0
        ? say('token expired: sign in again')
        : say('token ends in {0} min: sign in again', minutes)}
    </span>
  );
}

export function day(ms: number): string {
  return new Date(ms).toLocaleDateString(LOCALE, { day: 'numeric', month: 'short' });
}
export function clock(ms: number): string {
  return new Date(ms).toLocaleTimeString(LOCALE, { hour: '2-digit', minute: '2-digit' });
}
