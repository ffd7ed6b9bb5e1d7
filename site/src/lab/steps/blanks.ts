/** `{{user}}` and `{{fact:NAME}}`: spans in prose, `⟦user⟧` in code. Filled in once they are known, and again when a fact changes. */

export interface Filling {
  readonly user: string | null;
  readonly facts: Readonly<Record<string, string>>;
}

/** @returns the value of `user` or `fact:NAME`; null while nobody knows it */
export function valueOf(name: string, filling: Filling): string | null {
  if (name === 'user') return filling.user;
  const fact = name.slice(5);
  return name.startsWith('fact:') && Object.hasOwn(filling.facts, fact) ? (filling.facts[fact] ?? null) : null;
}

const MARK = /⟦(user|seat|fact:[A-Za-z][\w-]{0,60})⟧/g;

/** Code with its marks filled; an unknown one stays as `⟦…⟧`, so that it cannot be taken for the real thing. */
export function fillCode(code: string, filling: Filling): string {
  return code.replace(MARK, (mark, name: string) => valueOf(name, filling) ?? mark);
}

/** The names of blanks that nothing fills yet. */
export function missingIn(code: string, filling: Filling): readonly string[] {
  return [...code.matchAll(MARK)].map(([, name]) => name ?? '').filter((name) => valueOf(name, filling) === null);
}

/** Turns each mark in the text below `root` into a span like those of prose. Once, when the lab opens. */
export function wrapMarks(root: HTMLElement): void {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const found: Text[] = [];
  while (walker.nextNode()) {
    const node = walker.currentNode as Text;
    if (node.data.includes('⟦')) found.push(node);
  }
  for (const node of found) node.replaceWith(...node.data.split(/(⟦[^⟧]+⟧)/).map(asNode));
}

function asNode(part: string): Node | string {
  const name = /^⟦([^⟧]+)⟧$/.exec(part)?.[1];
  if (name === undefined) return part;
  const span = document.createElement('span');
  span.className = 'blank';
  span.dataset['blank'] = name;
  span.textContent = part;
  return span;
}

/** Writes what is known into every span below `root`. */
export function fillSpans(root: HTMLElement, filling: Filling): void {
  for (const span of root.querySelectorAll<HTMLElement>('[data-blank]')) {
    const value = valueOf(span.dataset['blank'] ?? '', filling);
    if (value === null) continue;
    span.textContent = value;
    span.classList.add('known');
  }
}
