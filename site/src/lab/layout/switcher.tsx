/** On a narrow screen: text, editor and previews, data, terminals, one at a time. */
import { DATA_LAKE } from '../data/data-tab.tsx';
import type { Work } from '../work.ts';
import { say } from '../words/layout.ts';

interface Part {
  readonly title: string;
  readonly seen: 'text' | 'upper' | 'terminal';
  /** the upper half's tab that it means, beside whichever is open */
  readonly upper?: 'data' | 'editor';
}
const TEXT: Part = { title: say('Lesson'), seen: 'text' };
const EDITOR: Part = { title: say('Editor'), seen: 'upper' };
const TERMINAL: Part = { title: say('Terminal'), seen: 'terminal' };

export function Switcher({ work }: { work: Work }) {
  const parts = work.page.services.includes(DATA_LAKE)
    ? [
        TEXT,
        { ...EDITOR, upper: 'editor' as const },
        { title: say('Data'), seen: 'upper' as const, upper: 'data' as const },
        TERMINAL,
      ]
    : [TEXT, EDITOR, TERMINAL];
  return (
    <>
      {parts.map((part) => (
        <button
          key={part.title}
          type="button"
          aria-pressed={isSeen(work, part)}
          onClick={() => show(work, part)}
        >
          {part.title}
        </button>
      ))}
    </>
  );
}

function isSeen(work: Work, { seen, upper }: Part): boolean {
  if (work.seen.value !== seen) return false;
  return upper === undefined || (upper === 'data') === (work.upper.value === 'data');
}
function show(work: Work, { seen, upper }: Part): void {
  work.seen.value = seen;
  // a preview that is open stays: only *Data* is left for the editor
  if (upper === 'data' || (upper === 'editor' && work.upper.value === 'data')) work.upper.value = upper;
}
