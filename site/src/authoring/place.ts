/** The place on the page: what stands at the top of the view stays there, whatever grows or goes above it. */
import { opened } from '../lab/opened.ts';
import { partsOf } from './exchange.ts';

const KEPT = 'palestra.place';

/** Runs `change` and scrolls so that the part at the top of the view stands where it stood. */
export function keepPlace(lesson: HTMLElement, change: () => void): void {
  const scroller = scrollerNow();
  const top = topOfView();
  const before = partsOf(lesson);
  const at = before.findIndex((part) => part.getBoundingClientRect().bottom > top);
  const part = before[at];
  const stood = part?.getBoundingClientRect().top ?? 0;
  change();
  const same = part === undefined ? undefined : counterpart(lesson, before, part, at);
  if (same !== undefined) scroller.scrollTop += same.getBoundingClientRect().top - stood;
}

/** The part itself; where it was exchanged the step of the same name, else what follows the last that stayed before it. */
function counterpart(
  lesson: HTMLElement,
  before: readonly HTMLElement[],
  part: HTMLElement,
  at: number,
): HTMLElement | undefined {
  if (part.isConnected) return part;
  const after = partsOf(lesson);
  const step = part.dataset['step'];
  const named = step === undefined ? undefined : after.find((each) => each.dataset['step'] === step);
  const stayed = before.slice(0, at).findLast((each) => each.isConnected);
  return named ?? after[stayed === undefined ? 0 : after.indexOf(stayed) + 1] ?? after.at(-1);
}

/** What grows or goes above the text (the bar itself) does not move what is read below it. */
export function holdPlace(bar: HTMLElement, lesson: HTMLElement): void {
  let stood = lesson.offsetTop;
  new ResizeObserver(() => {
    const scroller = scrollerNow();
    const moved = lesson.offsetTop - stood;
    stood = lesson.offsetTop;
    // where the text's beginning is in view the bar may push it
    if (lesson.getBoundingClientRect().top - moved < topOfView()) scroller.scrollTop += moved;
  }).observe(bar);
}

/** Loads the page again and comes back to this place, in the lab where one is open. */
export function loadAgain(): void {
  const place = { path: location.pathname, top: scrollerNow().scrollTop, lab: opened.value !== null };
  sessionStorage.setItem(KEPT, JSON.stringify(place));
  location.reload();
}

export function comeBack(): void {
  const kept = sessionStorage.getItem(KEPT);
  sessionStorage.removeItem(KEPT);
  if (kept === null) return;
  const { path, top, lab } = JSON.parse(kept) as { path: string; top: number; lab: boolean };
  if (path !== location.pathname) return;
  if (!lab) return void scrollerNow().scrollTo({ top });
  const stop = opened.subscribe((now) => {
    now?.entered.subscribe((entered) => {
      if (entered) scrollerNow().scrollTo({ top });
    });
    if (now !== null) queueMicrotask(() => stop());
  });
}

function topOfView(): number {
  return frame()?.getBoundingClientRect().top ?? 0;
}

function scrollerNow(): HTMLElement {
  return frame() ?? document.documentElement;
}

/** What scrolls a lesson's text beside its lab. A guide above its lab scrolls with the page. */
function frame(): HTMLElement | null {
  const lab = opened.value;
  return lab === null || lab.work.page.below ? null : lab.text;
}
