/** What stands at each *Run*, of a command or of a cell: its keys, and what it waits for. */
import { say } from '../words/steps.ts';
import { blankWord } from './blanks.ts';

export function RunKeys() {
  return <kbd title={say('Shift and Enter, while this block has the focus')}>⇧ ↵</kbd>;
}

/** @param missing names of blanks, as `missingIn` gives them */
export function MissingLine({ missing }: { missing: readonly string[] }) {
  if (missing.length === 0) return null;
  return (
    <p class="lab-word">
      {say('An earlier step says what stands for {0}; do that one first.', missing.map(blankWord).join(', '))}
    </p>
  );
}
