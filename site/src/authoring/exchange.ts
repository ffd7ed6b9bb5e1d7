/**
 * A lesson's text exchanged for the one just saved: only parts that differ, so that answers, shown solutions and the place
 * on the page stay.
 */

/** @returns for each part of the new text the index of the old part that it is; null: it is new. Pure. */
export function reused(before: readonly string[], after: readonly string[]): (number | null)[] {
  const free = new Map<string, number[]>();
  before.forEach((key, at) => free.set(key, [...(free.get(key) ?? []), at]));
  return after.map((key) => free.get(key)?.shift() ?? null);
}

/** A part as the build made it. Where its fences stand in the file is no part of it: a line added above changes that. */
export function keyOf(part: Element): string {
  return part.outerHTML.replace(/ data-line="\d+"/g, '');
}

/** The parts of a lesson's text below its aims. */
export function partsOf(lesson: ParentNode): HTMLElement[] {
  return [...lesson.querySelectorAll<HTMLElement>(':scope > :not(.aims)')];
}

/**
 * @param lesson `.lesson` of the page, whose text was made of `before` (keys of its parts)
 * @param after the parts of the new text
 * @returns the new parts that are on the page now
 */
export function exchange(
  lesson: HTMLElement,
  before: readonly string[],
  after: readonly HTMLElement[],
): HTMLElement[] {
  const old = partsOf(lesson);
  const wanted = reused(before, after.map(keyOf)).map((at, index) => (at === null ? after[index] : old[at]));
  const parts = wanted.filter((part) => part !== undefined);
  for (const part of old) if (!parts.includes(part)) part.remove();
  let next: Element | null = partsOf(lesson)[0] ?? null;
  for (const part of parts) {
    // what stands in its place already is not moved: that would take its focus
    if (part === next) next = part.nextElementSibling;
    else lesson.insertBefore(document.adoptNode(part), next);
  }
  return parts.filter((part) => !old.includes(part));
}
