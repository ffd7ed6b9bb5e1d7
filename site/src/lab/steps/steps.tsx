/** Brings the static steps to life: pill, bars, questions, hints and messages, each drawn into its place in the text. */
import { effect } from '@preact/signals';
import { render } from 'preact';
import type { ComponentChild } from 'preact';
import { isOver, overall } from './pill.ts';
import { isReady } from '../work.ts';
import type { Work } from '../work.ts';
import { createActs } from './acts.ts';
import type { StepActs } from './acts.ts';
import { fillSpans } from './blanks.ts';
import { FenceBar, readFence } from './fence-bar.tsx';
import { QuestionFoot } from './question.tsx';
import { StepFoot } from './step-foot.tsx';
import { StepPill } from './step-head.tsx';

/** @param root holds the lesson's sections */
export function drawSteps(work: Work, root: HTMLElement): void {
  const sections = [...root.querySelectorAll<HTMLElement>('section.step')];
  for (const section of sections) drawStep(work, section);
  effect(() => fillSpans(root, { user: work.lab.value?.user ?? null, facts: work.facts.value }));
  effect(() => markRungs(work, sections));
}

function drawStep(work: Work, section: HTMLElement): void {
  const step = section.dataset['step'] ?? '';
  const acts = createActs(work, step);
  const hints = [...section.querySelectorAll<HTMLDetailsElement>('details.hint')];
  put(section.querySelector('h2') ?? section, 'span', <StepPill work={work} step={step} />);
  for (const figure of section.querySelectorAll<HTMLElement>('figure.fence'))
    drawFence(work, step, acts, figure);
  for (const fields of section.querySelectorAll<HTMLFieldSetElement>('fieldset.question')) {
    put(
      fields,
      'div',
      <QuestionFoot work={work} acts={acts} fields={fields} question={fields.dataset['question'] ?? ''} />,
    );
  }
  const hintsOnPage = new Set(hints.map((hint) => hint.dataset['hint'] ?? ''));
  put(section, 'div', <StepFoot work={work} step={step} acts={acts} hintsOnPage={hintsOnPage} />);
  effect(() => revealHints(work, step, hints));
}

function put(parent: HTMLElement, tag: string, what: ComponentChild, first = false): void {
  const place = document.createElement(tag);
  if (first) parent.prepend(place);
  else parent.append(place);
  render(what, place);
}

function drawFence(work: Work, step: string, acts: StepActs, figure: HTMLElement): void {
  const fence = readFence(figure);
  if (fence === null) return;
  figure.classList.add('lab-fence');
  put(figure, 'div', <FenceBar work={work} step={step} acts={acts} fence={fence} />, true);
  const pre = figure.querySelector('pre');
  if (pre !== null) pre.tabIndex = 0;
  if (fence.kind !== 'run') return;
  figure.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || !event.shiftKey) return;
    event.preventDefault();
    if (isReady(work)) void acts.run(fence.action);
  });
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
