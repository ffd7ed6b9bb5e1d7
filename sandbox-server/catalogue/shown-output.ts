/** Outputs that a page shows beside what was really printed: what varies counts as the same. Pure. */
import type { Filling } from './face.ts';

/** Stands in a shown output for what a mask hides. */
const HIDDEN = '…';

/** @param masks regular expressions; each line alone has a beginning and an end */
export function masked(text: string, masks: readonly string[]): string {
  return masks.reduce((rest, mask) => rest.replace(new RegExp(mask, 'gm'), HIDDEN), settled(text));
}

/** Spaces at a line's end and empty lines around the whole are nobody's business. */
function settled(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .replace(/^\n+|\n+$/g, '');
}

/** shorter facts than this stand in many a text by chance */
const LONG_ENOUGH = 6;

/** What is this learner's alone goes back to its blank, `{{user}}` or `{{fact:NAME}}`: the contrary of `fill`. @param user a login */
export function unfilled(text: string, { user, facts }: Pick<Filling, 'user' | 'facts'>): string {
  const known = Object.entries(facts)
    .filter(([, value]) => value.length >= LONG_ENOUGH)
    .sort(([, one], [, other]) => other.length - one.length);
  const withFacts = known.reduce((rest, [name, value]) => rest.replaceAll(value, `{{fact:${name}}}`), text);
  return withFacts.replaceAll(new RegExp(`\\b${user}\\b`, 'g'), '{{user}}');
}
