/**
 * Blanks inside code. The catalogue's page transform leaves `⟦user⟧` and `⟦fact:rule⟧` in code, because a
 * highlighter would take elements apart; after the highlighter this makes each a `<span class="blank" data-blank>`,
 * which is what the lab fills in and what a reader without a server sees labelled.
 */
import type { Element, ElementContent, Root, Text } from 'hast';
import { SKIP, visit } from 'unist-util-visit';

const blank = /⟦([a-z]+(?::[A-Za-z0-9_-]+)?)⟧/gu;

export function codeBlanks(): (tree: Root) => void {
  return (tree) => {
    visit(tree, 'text', (node, index, parent) => {
      if (parent === undefined || index === undefined || !node.value.includes('⟦')) return undefined;
      const parts = partsOf(node.value);
      parent.children.splice(index, 1, ...parts);
      return [SKIP, index + parts.length];
    });
  };
}

function partsOf(text: string): ElementContent[] {
  const parts: ElementContent[] = [];
  let from = 0;
  for (const found of text.matchAll(blank)) {
    if (found.index > from) parts.push(textNode(text.slice(from, found.index)));
    parts.push(blankNode(found[1] ?? ''));
    from = found.index + found[0].length;
  }
  if (from < text.length) parts.push(textNode(text.slice(from)));
  return parts;
}

function textNode(value: string): Text {
  return { type: 'text', value };
}

function blankNode(name: string): Element {
  return {
    type: 'element',
    tagName: 'span',
    properties: { className: ['blank'], dataBlank: name },
    children: [textNode(name.replace(/^fact:/, ''))],
  };
}
