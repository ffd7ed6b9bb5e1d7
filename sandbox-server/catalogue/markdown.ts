/** Markdown to a tree: CommonMark, GFM and `:::` containers. A single colon in prose stays text. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { unified } from 'unified';
import remarkParse from 'remark-parse';
import remarkGfm from 'remark-gfm';
import remarkDirective from 'remark-directive';
import type { Nodes, PhrasingContent, Root, Text } from 'mdast';

export interface FrontMattered {
  /** the YAML between the `---` lines; null where there is none */
  readonly yaml: string | null;
  /** the whole file with the front matter blanked out, so that lines keep their numbers */
  readonly markdown: string;
}

const FRONT = /^---[ \t]*\r?\n([\s\S]*?)^---[ \t]*(?:\r?\n|$)/m;

/** Splits a lesson's front matter from its text. */
export function splitFrontMatter(text: string): FrontMattered {
  const found = text.startsWith('---') ? FRONT.exec(text) : null;
  if (found === null || found.index !== 0) return { yaml: null, markdown: text };
  const blank = found[0].replace(/[^\n]/g, '');
  return { yaml: found[1] ?? '', markdown: blank + text.slice(found[0].length) };
}

/**
 * @param markdown without front matter (see splitFrontMatter)
 * @returns a tree to read: within `parsingOnce` the next one who asks for the same text gets the same tree
 */
export function parseMarkdown(markdown: string): Root {
  const trees = remembered.getStore();
  const known = trees?.get(markdown);
  if (known !== undefined) return known;
  const root = parser.parse(markdown);
  undoTextDirectives(root, markdown);
  trees?.set(markdown, root);
  return root;
}

const remembered = new AsyncLocalStorage<Map<string, Root>>();

/**
 * Whoever reads the same pages for several ends parses each of them once (parsing is two thirds of lint). The trees are
 * forgotten with the end of `work`: a server that stays keeps none.
 */
export function parsingOnce<T>(work: () => Promise<T>): Promise<T> {
  return remembered.run(new Map(), work);
}

const parser = unified().use(remarkParse).use(remarkGfm).use(remarkDirective);

/**
 * remark-directive also takes `:name` and `::name`; in our prose `user.st07:lab.v1` and `12:30` are
 * text. Each is put back as it stands in the source.
 */
export function undoTextDirectives(tree: Nodes, source: string): void {
  if (!('children' in tree)) return;
  const parent = tree;
  const children = parent.children as Nodes[];
  children.forEach((child, index) => {
    const text = isShortDirective(child) ? asText(child, source) : child;
    children[index] = text;
    undoTextDirectives(text, source);
  });
  joinTexts(children);
}

const isShortDirective = (node: Nodes) => node.type === 'textDirective' || node.type === 'leafDirective';

function asText(node: Nodes, source: string): Nodes {
  const { start, end } = node.position ?? { start: { offset: 0 }, end: { offset: 0 } };
  const text: Text = { type: 'text', value: source.slice(start.offset, end.offset) };
  if (node.position !== undefined) text.position = node.position;
  if (node.type === 'textDirective') return text;
  const paragraph: PhrasingContent[] = [text];
  return { type: 'paragraph', children: paragraph, ...(node.position && { position: node.position }) };
}

/** `{{fact:rule}}` comes apart at the colon; blanks are looked for in whole texts. */
function joinTexts(children: Nodes[]): void {
  for (let index = children.length - 1; index > 0; index--) {
    const before = children[index - 1];
    const here = children[index];
    if (before?.type !== 'text' || here?.type !== 'text') continue;
    before.value += here.value;
    if (before.position && here.position) before.position.end = here.position.end;
    children.splice(index, 1);
  }
}
