/** The right side: a scene while the lab starts or rests, else editor and previews above, terminals below. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Lab } from '../../../../sandbox-server/contract/lab.ts';
import type { EditorParts } from '../editor/editor-panel.tsx';
import { makeEditor } from '../editor/make-editor.ts';
import { Terminals } from '../terminal/terminals.tsx';
import { dismiss } from '../work.ts';
import type { Work } from '../work.ts';
import { Divider } from './divider.tsx';
import { Ended, Failed, Paused, Prepare, Starting } from './scenes.tsx';
import type { SceneActs } from './scenes.tsx';
import { UPPER } from './share.ts';
import { sceneOf } from './stages.ts';
import { Upper } from './upper.tsx';
import { say } from '../words/layout.ts';
import { problemWords } from '../words/problems.ts';

/** What the start waits for, before there is a lab. */
export type Door =
  | { readonly at: 'open' }
  | { readonly at: 'choice'; readonly missing: readonly string[] }
  | { readonly at: 'refused'; readonly message: string };

export function Workspace({ work, door, acts }: { work: Work; door: Door; acts: SceneActs }) {
  const lab = work.lab.value;
  const scene = sceneOf(lab);
  return (
    <>
      <Notices work={work} />
      {door.at === 'choice' && <Prepare missing={door.missing} acts={acts} />}
      {door.at === 'refused' && <Failed message={door.message} acts={acts} />}
      {door.at === 'open' && scene === 'starting' && <Starting work={work} />}
      {door.at === 'open' && scene === 'paused' && lab && <Paused lab={lab} acts={acts} />}
      {door.at === 'open' && scene === 'ended' && lab && <Ended lab={lab} acts={acts} />}
      {door.at === 'open' && scene === 'failed' && lab && <Failed message={whyFailed(lab)} acts={acts} />}
      {door.at === 'open' && scene === 'working' && lab && !work.page.below && (
        <Working key={lab.id} work={work} lab={lab.id} />
      )}
      {door.at === 'open' && scene === 'working' && lab && work.page.below && (
        <Terminals key={lab.id} work={work} />
      )}
    </>
  );
}

function Working({ work, lab }: { work: Work; lab: string }) {
  const host = useRef<HTMLDivElement>(null);
  const [parts, setParts] = useState<EditorParts | null>(null);
  const [parent, setParent] = useState<HTMLElement | null>(null);
  useEffect(() => {
    setParent(host.current);
    const opening = makeEditor(work, lab);
    void opening.then(setParts);
    return () => void opening.then(({ close }) => close());
  }, []);
  return (
    <div class="lab-halves" ref={host}>
      <div class="lab-upper">{parts && <Upper work={work} parts={parts} />}</div>
      {parent ? (
        <Divider
          label={say('Height of the editor')}
          way="horizontal"
          name="upper"
          otherwise={54}
          bounds={UPPER}
          property="--upper"
          parent={parent}
        />
      ) : (
        <div />
      )}
      <Terminals work={work} />
    </div>
  );
}

function Notices({ work }: { work: Work }) {
  if (work.notices.value.length === 0) return null;
  return (
    <div class="lab-notices">
      {work.notices.value.map(({ key, text, bad, link }) => (
        <div class={bad ? 'lab-notice bad' : 'lab-notice'} key={key}>
          <span>
            {text} {link && <a href={link.href}>{link.title}</a>}
          </span>
          <button type="button" aria-label={say('Dismiss')} onClick={() => dismiss(work, key)}>
            ×
          </button>
        </div>
      ))}
    </div>
  );
}

function whyFailed({ problem }: Lab): string {
  return problem === null ? say('The server gave no reason.') : problemWords(problem.code, problem.message);
}
