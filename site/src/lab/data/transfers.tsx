/** What is on its way now: from where, to where, how far, how fast. */
import type { LakeData, LakeTransfer } from '../../../../sandbox-server/contract/lake.ts';
import { transferWords } from './words.ts';
import { say } from '../words/data.ts';

export function Transfers({ data, now }: { data: LakeData; now: number }) {
  if (data.transfers === null)
    return (
      <p class="lake-empty">
        {say('The transfer service does not answer; what moves is not shown. The rest is true.')}
      </p>
    );
  if (data.transfers.length === 0) return <p class="lake-empty">{say('Nothing is on its way.')}</p>;
  const siteOf = (name: string): string =>
    data.elements.find((element) => element.name === name)?.site ?? name;
  return (
    <ul class="lake-list">
      {data.transfers.map((transfer) => (
        <Transfer key={transfer.id} transfer={transfer} now={now} siteOf={siteOf} />
      ))}
    </ul>
  );
}

function Transfer({
  transfer,
  now,
  siteOf,
}: {
  transfer: LakeTransfer;
  now: number;
  siteOf: (name: string) => string;
}) {
  const { name, from, to, state, done, bytes, why } = transfer;
  return (
    <li>
      <div class="lake-line">
        <b>{name}</b>
        <span>
          {siteOf(from)} <span aria-hidden="true">→</span>
          <span class="lab-live">{say(' to ')}</span> {siteOf(to)}
        </span>
        <span class={state === 'failed' ? 'lake-far bad' : 'lake-far'}>{transferWords(transfer, now)}</span>
      </div>
      {state === 'moving' && (
        <progress
          {...(done === null || bytes === null ? {} : { value: done, max: Math.max(bytes, 1) })}
          aria-label={say('{0} on its way', name)}
        />
      )}
      {why !== null && (
        <p class="lake-error">
          <span>{state === 'failed' ? say('It failed: ') : say('The last try failed: ')}</span>
          <code>{why}</code>
        </p>
      )}
    </li>
  );
}
