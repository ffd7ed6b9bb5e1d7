/** Datasets and files with a mark for each element; choosing one shows its copies on the map. */
import type { LakeData, LakeDid } from '../../../../sandbox-server/contract/lake.ts';
import { copyWord, size } from './words.ts';
import { say } from '../words/data.ts';

interface Props {
  readonly data: LakeData;
  readonly chosen: string | null;
  readonly onChoose: (key: string | null) => void;
}
export function keyOf({ scope, name }: Pick<LakeDid, 'scope' | 'name'>): string {
  return `${scope}:${name}`;
}

export function Files({ data, chosen, onChoose }: Props) {
  return (
    <table class="lake-files">
      <caption class="lab-live">
        {say('Your datasets and files. The button of a name shows its copies in the picture.')}
      </caption>
      <thead>
        <tr>
          <th scope="col">{say('Name')}</th>
          <th scope="col" class="lake-number">
            {say('Size')}
          </th>
          {data.elements.map(({ name, site }) => (
            <th scope="col" key={name} class="lake-mark" title={name}>
              {site}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {data.dids.map((did) => (
          <Row key={keyOf(did)} data={data} did={did} chosen={chosen === keyOf(did)} onChoose={onChoose} />
        ))}
      </tbody>
    </table>
  );
}

function Row({
  data,
  did,
  chosen,
  onChoose,
}: Pick<Props, 'data' | 'onChoose'> & { did: LakeDid; chosen: boolean }) {
  return (
    <tr class={chosen ? 'chosen' : ''}>
      <th scope="row">
        <button
          type="button"
          class="lake-name"
          aria-pressed={chosen}
          title={keyOf(did)}
          onClick={() => onChoose(chosen ? null : keyOf(did))}
        >
          {did.name}
        </button>
        {did.kind !== 'file' && (
          <span class="lake-tag">
            {did.kind}
            {did.files === null ? '' : `, ${did.files === 1 ? say('1 file') : say('{0} files', did.files)}`}
          </span>
        )}
      </th>
      <td class="lake-number">{did.bytes === null ? '' : size(did.bytes)}</td>
      {data.elements.map(({ name }) => {
        const copy = did.copies.find(({ element }) => element === name);
        const { words, shape } = copyWord(did, copy);
        return (
          <td key={name} class={`lake-mark ${copy?.state ?? 'none'}`} title={words}>
            <span aria-hidden="true">{shape}</span>
            <span class="lab-live">{words}</span>
          </td>
        );
      })}
    </tr>
  );
}
