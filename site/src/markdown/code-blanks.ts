/**
 * Blanks inside code. The catalogue's page transform leaves `⟦user⟧` and `⟦fact:rule⟧` in code, because a
 * highlighter would take elements apart; after the highlighter this rehype plugin makes each a
 * `<span class="blank" data-blank>`, which is what the lab fills in and what a reader without a server sees labelled.
 */

/** The part of an HTML tree that is read and written here. */
export interface Text {
  type: 'text';
  value: string;
}
export interface Parent {
  type: string;
  children: Node[];
  tagName?: string;
  properties?: Record<string, unknown>;
}
export type Node = Text | Parent | { type: 'comment' | 'doctype' | 'raw' };

const blank = /⟦([a-z]+(?::[A-Za-z0-9_-]+)?)⟧/gu;

export function codeBlanks(): (tree: Parent) => void {
  return fillIn;
}

function fillIn(parent: Parent): void {
  parent.children = parent.children.flatMap((node) => {
    if ('value' in node && node.type === 'text')
      return node.value.includes('⟦') ? partsOf(node.value) : [node];
    if ('children' in node) fillIn(node);
    return [node];
  });
}

function partsOf(value: string): Node[] {
  const parts: Node[] = [];
  let from = 0;
  for (const found of value.matchAll(blank)) {
    if (found.index > from) parts.push({ type: 'text', value: value.slice(from, found.index) });
    parts.push(blankNode(found[1] ?? ''));
    from = found.index + found[0].length;
  }
  if (from < value.length) parts.push({ type: 'text', value: value.slice(from) });
  return parts;
}

function blankNode(name: string): Parent {
  return {
    type: 'element',
    tagName: 'span',
    properties: { className: ['blank'], dataBlank: name },
    children: [{ type: 'text', value: name.replace(/^fact:/, '') }],
  };
}
