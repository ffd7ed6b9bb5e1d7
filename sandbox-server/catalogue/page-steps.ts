/** Wraps each step of a page in a section, up to the next `##`. */
import type { Heading, RootContent } from 'mdast';
import { isStep } from './document.ts';
import type { LessonDocument } from './document.ts';
import { element } from './page-nodes.ts';

/** @param ids the English steps' ids in page order; a page's n-th step is the n-th of them */
export function wrapSteps(
  nodes: readonly RootContent[],
  document: LessonDocument,
  ids: readonly string[],
): RootContent[] {
  const steps = new Map(
    document.sections.filter(isStep).map((section, index) => [section.heading, ids[index] ?? section.id]),
  );
  return sectionsOf(nodes).flatMap(([first, ...rest]) => {
    const id = first?.type === 'heading' ? steps.get(first) : undefined;
    if (first?.type !== 'heading' || id === undefined) return first === undefined ? [] : [first, ...rest];
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
  return { ...heading, data: { ...heading.data, hProperties: properties } as NonNullable<Heading['data']> };
}
