/** Brings the static steps to life: pill, bars, questions, hints and messages, each drawn into its place in the text. */
import { effect, signal } from '@preact/signals';
import { isOver, overall } from './pill.ts';
import { drawCell } from '../cells/draw-cell.tsx';
import { readNotebooks } from '../cells/read-notebooks.ts';
import type { Notebooks } from '../cells/read-notebooks.ts';
import { isReady } from '../work.ts';
import type { Work } from '../work.ts';
import { createActs } from './acts.ts';
import type { StepActs } from './acts.ts';
import { fillingOf, fillSpans } from './blanks.ts';
import { FenceBar } from './fence-bar.tsx';
import { readFence } from './fence.ts';
import { liven, onShiftEnter, put } from './into-page.ts';
import type { Undo } from './into-page.ts';
import { QuestionFoot } from './question.tsx';
import { StepFoot } from './step-foot.tsx';
import { StepPill } from './step-head.tsx';

/** @param root holds the lesson's sections. @returns draws those that came since, and lets go of those that went */
export function drawSteps(work: Work, root: HTMLElement): () => void {
  const sections = signal<readonly HTMLElement[]>([]);
  const drawn = new Map<HTMLElement, Undo>();
  const notebooks = readNotebooks(work);
  const draw = (): void => {
    const now = [...root.querySelectorAll<HTMLElement>('section.step')];
    for (const [section, undo] of drawn) {
      if (now.includes(section)) continue;
      undo();
      drawn.delete(section);
    }
    for (const section of now)
      if (!drawn.has(section)) drawn.set(section, drawStep(work, section, notebooks));
    sections.value = now;
  };
  draw();
  effect(() => {
    // new text has new blanks
    void sections.value;
    fillSpans(root, fillingOf(work));
  });
  effect(() => markRungs(work, sections.value));
  return draw;
}

function drawStep(work: Work, section: HTMLElement, notebooks: Notebooks): Undo {
  const step = section.dataset['step'] ?? '';
  const acts = createActs(work, step);
  const hints = [...section.querySelectorAll<HTMLDetailsElement>('details.hint')];
  const undo: Undo[] = [];
  undo.push(put(section.querySelector('h2') ?? section, 'span', <StepPill work={work} step={step} />));
  for (const figure of section.querySelectorAll<HTMLElement>('figure.fence'))
    undo.push(drawCell(work, step, figure, notebooks) ?? drawFence(work, step, acts, figure));
  for (const fields of section.querySelectorAll<HTMLFieldSetElement>('fieldset.question')) {
    const question = fields.dataset['question'] ?? '';
    undo.push(
      put(fields, 'div', <QuestionFoot work={work} acts={acts} fields={fields} question={question} />),
    );
  }
  const hintsOnPage = new Set(hints.map((hint) => hint.dataset['hint'] ?? ''));
  undo.push(put(section, 'div', <StepFoot work={work} step={step} acts={acts} hintsOnPage={hintsOnPage} />));
  undo.push(effect(() => revealHints(work, step, hints)));
  return () => undo.forEach((each) => each());
}

function drawFence(work: Work, step: string, acts: StepActs, figure: HTMLElement): Undo {
  const fence = readFence(figure);
  if (fence === null) return () => undefined;
  liven(figure);
  if (fence.kind === 'run')
    onShiftEnter(figure, () => {
      if (isReady(work)) void acts.run(fence.action);
    });
  return put(figure, 'div', <FenceBar work={work} step={step} acts={acts} fence={fence} />, true);
}

/** A hint stays hidden until the server says it; then it is there, open, and can be closed. */
function revealHints(work: Work, step: string, hints: readonly HTMLDetailsElement[]): void {
  const shown = new Set(work.steps.value.get(step)?.hints.map(({ id }) => id));
  for (const hint of hints) {
    const show = shown.has(hint.dataset['hint'] ?? '');
    if (show && hint.hidden) hint.open = true;
    hint.hidden = !show;
  }
}

/** The rail: `data-state` colours a rung, `data-next` is the next thing to do. */
function markRungs(work: Work, sections: readonly HTMLElement[]): void {
  const { next } = overall(work.page.steps, work.steps.value);
  for (const section of sections) {
    const step = section.dataset['step'] ?? '';
    const progress = work.steps.value.get(step);
    section.dataset['state'] = progress?.state ?? 'todo';
    section.toggleAttribute(
      'data-next',
      step === next && !isOver(progress) && (progress?.state ?? 'todo') === 'todo',
    );
  }
}
