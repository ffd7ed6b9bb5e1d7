/** Fills blanks with what is known of the learner. */
import { splitBlanks } from './blanks.ts';
import type { Fill, Filling } from './face.ts';

/** Replaces `{{user}}`, `{{seat}}`, `{{fact:NAME}}`; what is unknown stays as it stands and is named. */
export const fill: Fill = (text, filling) => {
  const missing: string[] = [];
  const parts = splitBlanks(text).map((part) => {
    if (typeof part === 'string') return part;
    const value = valueOf(part.name, filling);
    if (value === undefined) missing.push(part.name);
    return value ?? `{{${part.name}}}`;
  });
  return { text: parts.join(''), missing: [...new Set(missing)] };
};

function valueOf(name: string, filling: Filling): string | undefined {
  if (name === 'user') return filling.user;
  if (name === 'seat') return filling.seat;
  const fact = name.slice('fact:'.length);
  return Object.hasOwn(filling.facts, fact) ? filling.facts[fact] : undefined;
}
