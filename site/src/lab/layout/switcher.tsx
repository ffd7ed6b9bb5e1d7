/** On a narrow screen: text, editor and previews, terminals, one at a time. */
import type { Work } from '../work.ts';

const PARTS = [
  ['text', 'Lesson'],
  ['upper', 'Editor'],
  ['terminal', 'Terminal'],
] as const;

export function Switcher({ work }: { work: Work }) {
  return (
    <>
      {PARTS.map(([part, title]) => (
        <button
          key={part}
          type="button"
          aria-pressed={work.seen.value === part}
          onClick={() => (work.seen.value = part)}
        >
          {title}
        </button>
      ))}
    </>
  );
}
