import { expect, it } from 'vitest';
import { blankWord, fillSpans, missingIn, valueOf } from './blanks.ts';

const known = { user: 'ada', facts: { rule: 'a41f', 'run-number': '42' } };

/** As much of a page as these functions touch. */
function page(...names: string[]) {
  const spans = names.map((name) => ({
    dataset: { blank: name },
    textContent: blankWord(name),
    classes: new Set<string>(),
    classList: { add: (c: string) => void c },
  }));
  for (const span of spans) span.classList = { add: (c) => void span.classes.add(c) };
  return { spans, root: { querySelectorAll: () => spans } as unknown as HTMLElement };
}

it('fills what is known and leaves the rest as a labelled blank', () => {
  const { spans, root } = page('user', 'fact:rule', 'fact:later', 'seat');
  fillSpans(root, known);
  expect(spans.map((span) => span.textContent)).toEqual(['ada', 'a41f', 'later', 'seat']);
  expect(spans.map((span) => span.classes.has('known'))).toEqual([true, true, false, false]);
});

it('fills again when a fact changes', () => {
  const { spans, root } = page('fact:rule');
  fillSpans(root, known);
  fillSpans(root, { user: 'ada', facts: { rule: 'b52' } });
  expect(spans[0]?.textContent).toBe('b52');
});

it('names what is missing, once each', () => {
  expect(missingIn(page('fact:later', 'user', 'fact:later').root, known)).toEqual(['fact:later']);
  expect(missingIn(page('user').root, { user: null, facts: {} })).toEqual(['user']);
});

it('knows no name but its own', () => {
  expect(valueOf('fact:run-number', known)).toBe('42');
  expect(valueOf('constructor', known)).toBeNull();
  expect(valueOf('fact:constructor', known)).toBeNull();
});
