/** Wraps each step of a page in a section, up to the next `##`. */
import type { Heading, RootContent } from 'mdast';
import { element } from './page-nodes.ts';

/** Each `##` of the page and its step's id; null where it is text alone. */
export type StepIds = ReadonlyMap<Heading, string | null>;

export function wrapSteps(nodes: readonly RootContent[], ids: StepIds): RootContent[] {
  return sectionsOf(nodes).flatMap(([first, ...rest]) => {
    if (first === undefined) return [];
    const id = first.type === 'heading' ? (ids.get(first) ?? null) : null;
    if (first.type !== 'heading' || id === null) return [first, ...rest];
    return [element('section', { className: 'step', dataStep: id }, [withId(first, id), ...rest])];
  });
}

function sectionsOf(nodes: readonly RootContent[]): RootContent[][] {
  const sections: RootContent[][] = [[]];
  for (const node of nodes) {
    if (node.type === 'heading' && node.depth === 2) sections.push([node]);
    else sections.at(-1)?.push(node);
  }
  return sections;
}

function withId(heading: Heading, id: string): Heading {
  const properties = { id };
  return { ...heading, data: { ...heading.data, hProperties: properties } };
}
