/** A step's pill, beside its heading. */
import type { Work } from '../work.ts';
import { pill } from './pill.ts';

export function StepPill({ work, step }: { work: Work; step: string }) {
  const progress = work.steps.value.get(step);
  // only a waiting step counts seconds; the others need not be drawn each second
  const now = progress?.state === 'waiting' ? work.now.value : 0;
  const { state, shape, word } = pill(progress, now);
  return (
    <span class={`lab-pill ${state}`}>
      <span aria-hidden="true">{shape} </span>
      {word}
    </span>
  );
}
