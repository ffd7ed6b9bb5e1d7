/** What a page has besides prose, for a reader who has no lab: captions of code blocks, asides, the line to check a step. */
import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { Element, ElementContent, Root as Html } from 'hast';
import type { Data, Nodes, Paragraph, Root } from 'mdast';
import { toString } from 'mdast-util-to-string';

const ASIDES: Readonly<Record<string, string>> = {
  note: 'Note',
  tip: 'Tip',
  caution: 'Caution',
  danger: 'Danger',
};

/** `:::note[Title]` and its like, and tabs, whose panels stand below each other. */
export function asides(): (tree: Root) => void {
  return (tree) => each(tree);
}

function each(node: Nodes): void {
  if (!('children' in node)) return;
  node.children.forEach(each);
  if (node.type !== 'containerDirective') return;
  const [first] = node.children;
  const label = first?.type === 'paragraph' && first.data?.directiveLabel === true ? first : null;
  const title = label === null ? ASIDES[node.name] : toString(label);
  node.data = shownAs({ hName: 'aside', hProperties: { className: [node.name] } });
  const heading = titleLine(title ?? '');
  node.children = [
    ...(title === undefined ? [] : [heading]),
    ...node.children.filter((child) => child !== label),
  ];
}

/** How a node becomes an element: read by mdast-util-to-hast, whose types say nothing of it here. */
const shownAs = (element: { hName?: string; hProperties: { className: string[] } }): Data => ({ ...element });

function titleLine(value: string): Paragraph {
  const data = shownAs({ hProperties: { className: ['title'] } });
  return { type: 'paragraph', data, children: [{ type: 'text', value }] };
}

export interface StepFoots {
  /** step id → what stands at its end */
  readonly [step: string]: readonly ElementContent[];
}

export interface AtHome {
  readonly foots: StepFoots;
  /** the lesson's, for its pictures */
  readonly folder: string;
}

export function atHome({ foots, folder }: AtHome): (tree: Html) => void {
  return (tree) => walk(tree, foots, folder);
}

function walk(node: Html | ElementContent, foots: StepFoots, folder: string): void {
  if (!('children' in node)) return;
  for (const child of node.children) if (child.type !== 'doctype') walk(child, foots, folder);
  if (node.type !== 'element') return;
  const { properties } = node;
  if (node.tagName === 'img') properties['src'] = inlined(String(properties['src'] ?? ''), folder);
  if (node.tagName === 'figure' && properties['dataKind'] !== undefined)
    node.children.unshift(...captionOf(node));
  if (node.tagName === 'section') node.children.push(...(foots[String(properties['dataStep'])] ?? []));
}

export const element = (
  tagName: string,
  children: readonly (string | ElementContent)[],
  className?: string,
): Element => ({
  type: 'element',
  tagName,
  properties: className === undefined ? {} : { className: [className] },
  children: children.map((child) => (typeof child === 'string' ? { type: 'text', value: child } : child)),
});

function captionOf({ properties }: Element): Element[] {
  const words = captionWords(properties);
  return words === null ? [] : [element('figcaption', [words])];
}

function captionWords({
  dataKind,
  dataExample,
  dataStop,
  dataTerminal,
  dataIn,
  dataFile,
  dataAt,
  dataFails,
}: Element['properties']): string | null {
  if (dataKind === 'edit')
    return `Into ${String(dataFile)}${typeof dataAt === 'string' ? `, after the line “${dataAt}”` : ''}`;
  if (dataKind !== 'run') return null;
  if (dataExample !== undefined) return 'An example';
  if (typeof dataStop === 'string') return `Ctrl-C in the terminal “${dataStop}”`;
  const where = typeof dataTerminal === 'string' ? `Run in a terminal “${dataTerminal}” of its own` : 'Run';
  return `${where}${dataIn === undefined ? '' : ', at the Python prompt'}${dataFails === undefined ? '' : ' (meant to fail)'}`;
}

const PICTURES: Readonly<Record<string, string>> = {
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
};

/** A picture of the lesson becomes part of the page; one of elsewhere stays an address. */
function inlined(src: string, folder: string): string {
  const type = PICTURES[extname(src).toLowerCase()];
  if (type === undefined || /^[a-z]+:/i.test(src)) return src;
  return `data:${type};base64,${readFileSync(join(folder, decodeURI(src))).toString('base64')}`;
}
