/** The map as a table: each element, what of the learner's lies there, and how much more may. */
import type { LakeData, LakeElement } from '../../../../sandbox-server/contract/lake.ts';
import { size, sizeOf } from './words.ts';
import { say } from '../words/data.ts';

export function Elements({ data }: { data: LakeData }) {
  return (
    <table class="lake-elements">
      <caption class="lab-live">{say('Storage elements: your files and your quota there')}</caption>
      <thead class="lab-live">
        <tr>
          <th scope="col">{say('Element')}</th>
          <th scope="col">{say('Your files')}</th>
          <th scope="col">{say('Quota')}</th>
        </tr>
      </thead>
      <tbody>
        {data.elements.map((element) => (
          <Row key={element.name} element={element} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ element }: { element: LakeElement }) {
  const { name, nature, files, quota, writable } = element;
  return (
    <tr>
      <th scope="row">
        <code>{name}</code>
        {nature === 'tape' && <span class="lake-tag">{say('tape, slow')}</span>}
        {!writable && <span class="lake-tag bad">{say('closed for writing')}</span>}
      </th>
      <td>{files === 1 ? say('1 file') : say('{0} files', files)}</td>
      <td class="lake-quota">
        {quota === null ? (
          <span>{say('no quota of yours here')}</span>
        ) : quota.limit === null ? (
          <span>{say('{0}, no bound', size(quota.used))}</span>
        ) : (
          <>
            <progress
              class={quota.used > 0.9 * quota.limit ? 'full' : ''}
              value={Math.min(quota.used, quota.limit)}
              max={Math.max(quota.limit, 1)}
              aria-label={say('Quota at {0}', name)}
            />
            <span>{sizeOf(quota.used, quota.limit)}</span>
          </>
        )}
      </td>
    </tr>
  );
}
