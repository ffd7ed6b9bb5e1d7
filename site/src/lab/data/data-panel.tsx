/** The *Data* tab: what the learner has in the lake, where it lies, what keeps it there, and what is on its way. */
import { signal } from '@preact/signals';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { LakeData, LakeTrouble } from '../../../../sandbox-server/contract/lake.ts';
import { isLost } from '../events/follow.ts';
import type { StreamState } from '../events/follow.ts';
import type { Work } from '../work.ts';
import { Elements } from './elements.tsx';
import { Files, keyOf } from './files.tsx';
import { followLake } from './follow-lake.ts';
import { LakeMap } from './map.tsx';
import { Rules } from './rules.tsx';
import { NOTHING_HEARD } from './state.ts';
import type { LakeState } from './state.ts';
import { Transfers } from './transfers.tsx';
import { size } from './words.ts';
import { say } from '../words/data.ts';

export function DataPanel({ work }: { work: Work }) {
  const lake = useMemo(() => signal<LakeState>(NOTHING_HEARD), [work]);
  const stream = useMemo(() => signal<StreamState>('connecting'), [work]);
  const host = useRef<HTMLDivElement>(null);
  const lab = work.lab.value?.id ?? '';
  const watching = useIsSeen(host);
  useEffect(() => {
    if (!watching || lab === '') return;
    const following = followLake(work, lab, lake, stream);
    return () => following[Symbol.dispose]();
  }, [watching, lab]);
  const { data, trouble } = lake.value;
  return (
    <div class="lake-all" ref={host}>
      {trouble !== null && <Trouble trouble={trouble} stale={data !== null} />}
      {trouble === null && data === null && (
        <p class="lab-scene lab-quiet">
          {isLost(stream.value)
            ? say('The server does not answer; trying again.')
            : say('Asking the data lake…')}
        </p>
      )}
      {data !== null && trouble === null && isLost(stream.value) && (
        <p class="lake-trouble stale" role="status">
          {say('The server does not answer; trying again. Below is what was known last.')}
        </p>
      )}
      {data !== null && <Whole data={data} now={work.now.value} />}
    </div>
  );
}

/** On the screen now: its tab is chosen, its part of a narrow screen is open, the page is not in the background. */
function useIsSeen(host: { readonly current: HTMLElement | null }): boolean {
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    let inView = false;
    const decide = (): void => setSeen(inView && document.visibilityState === 'visible');
    const observer = new IntersectionObserver((entries) => {
      inView = entries.at(-1)?.isIntersecting ?? false;
      decide();
    });
    if (host.current !== null) observer.observe(host.current);
    document.addEventListener('visibilitychange', decide);
    return () => {
      observer.disconnect();
      document.removeEventListener('visibilitychange', decide);
    };
  }, []);
  return seen;
}

function Trouble({ trouble, stale }: { trouble: LakeTrouble; stale: boolean }) {
  const signIn = `/auth/login?next=${encodeURIComponent(`${location.pathname}?start`)}`;
  return (
    <div class={stale ? 'lake-trouble stale' : 'lake-trouble'} role="status">
      <p>
        <b>{trouble.message}</b>
      </p>
      <p>
        {trouble.todo}
        {stale && say(' Below is what it said last.')}
      </p>
      {trouble.reason === 'sign-in-again' && (
        <a class="quiet" href={signIn}>
          {say('Sign in again')}
        </a>
      )}
    </div>
  );
}

function Whole({ data, now }: { data: LakeData; now: number }) {
  const [chosen, choose] = useState<string | null>(null);
  const did = data.dids.find((one) => keyOf(one) === chosen) ?? null;
  const empty = data.dids.length === 0 && data.rules.length === 0;
  return (
    <div class="lake-sheet">
      <section class="lake-where" aria-label={say('Where it lies')}>
        <div class="lake-picture">
          <h3>
            {did === null ? say('Where your files lie') : did.name}
            {did !== null && (
              <button type="button" class="quiet" onClick={() => choose(null)}>
                {say('show all')}
              </button>
            )}
          </h3>
          <LakeMap data={data} did={did} />
        </div>
        <Elements data={data} />
      </section>
      <div class="lake-what">
        {empty ? <Beginning data={data} /> : <Lists data={data} now={now} chosen={chosen} choose={choose} />}
      </div>
    </div>
  );
}

function Lists({
  data,
  now,
  chosen,
  choose,
}: {
  data: LakeData;
  now: number;
  chosen: string | null;
  choose: (key: string | null) => void;
}) {
  const bytes = data.dids.reduce((sum, did) => sum + (did.kind === 'file' ? (did.bytes ?? 0) : 0), 0);
  return (
    <>
      <section aria-label={say('Rules')}>
        <h3>{say('Rules')}</h3>
        {data.rules.length === 0 ? (
          <p class="lake-empty">
            {say('No rule of yours, so nothing keeps these copies. Ask for one:')}{' '}
            <code>
              rucio rule add --copies 1 --rses {data.elements[1]?.name ?? 'ELEMENT'}{' '}
              {keyOf(data.dids[0] ?? { scope: data.scope, name: 'NAME' })}
            </code>
          </p>
        ) : (
          <Rules rules={data.rules} now={now} />
        )}
        <More count={data.moreRules} atLeast={data.atLeast} of="rules" />
      </section>
      <section aria-label={say('Files')}>
        <h3>
          <span>
            {say('Datasets and files in')} <code>{data.scope}</code>
          </span>
          <span class="lake-count">{size(bytes)}</span>
        </h3>
        {data.dids.length === 0 ? (
          <p class="lake-empty">
            {say('No file in {0}; the rules are for somebody else’s data.', data.scope)}
          </p>
        ) : (
          <Files data={data} chosen={chosen} onChoose={choose} />
        )}
        <More count={data.moreDids} atLeast={data.atLeast} of="names" />
      </section>
      <section aria-label={say('Transfers')}>
        <h3>{say('On the way')}</h3>
        <Transfers data={data} now={now} />
        <More count={data.moreTransfers} atLeast={false} of="transfers" />
      </section>
    </>
  );
}

function Beginning({ data }: { data: LakeData }) {
  return (
    <div class="lake-beginning">
      <h3>{say('Nothing here yet')}</h3>
      <p>{say('This puts your first file into the lake:')}</p>
      <pre tabIndex={0}>
        <code>
          rucio upload --rse {data.elements[0]?.name ?? 'ELEMENT'} --scope {data.scope} FILE
        </code>
      </pre>
      <p>{say('It appears here by itself, with the rule that keeps it.')}</p>
    </div>
  );
}

function More({
  count,
  atLeast,
  of,
}: {
  count: number;
  atLeast: boolean;
  of: 'rules' | 'names' | 'transfers';
}) {
  if (count === 0) return null;
  const words =
    atLeast && of !== 'transfers'
      ? say(`and at least {0} more ${of}`, count)
      : say(`and {0} more ${of}`, count);
  return <p class="lake-empty">{words}</p>;
}
