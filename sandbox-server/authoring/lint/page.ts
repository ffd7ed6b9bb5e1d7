/** One Markdown page as the rules look at it: read once, with the catalogue's own reading of a lesson. */
import type { Nodes, Root } from 'mdast';
import { toString } from 'mdast-util-to-string';
import GithubSlugger from 'github-slugger';
import { isStep, readDocument } from '../../catalogue/document.ts';
import type { LessonDocument } from '../../catalogue/document.ts';
import { isProven } from '../../catalogue/guides.ts';
import type { LessonFence } from '../../catalogue/fences.ts';
import { parseMarkdown, splitFrontMatter } from '../../catalogue/markdown.ts';
import type { Finding } from './finding.ts';
import { RULES } from './rules.ts';
import type { RuleId } from './rules.ts';

/** `twin`: a lesson's translation; `guide`: any other page of the site. */
export type PageKind = 'lesson' | 'twin' | 'guide';

export interface Page {
  readonly kind: PageKind;
  /** relative to the checkout, POSIX */
  readonly file: string;
  /** absolute */
  readonly path: string;
  readonly markdown: string;
  readonly root: Root;
  /** sections and fences of a lesson, its twin, or a guide that is proven; else null */
  readonly document: LessonDocument | null;
}

/** Pure. Never throws for anything an author can write. */
export function readPage(kind: PageKind, file: string, path: string, text: string): Page {
  const { markdown } = splitFrontMatter(text);
  const root = parseMarkdown(markdown);
  const document =
    kind === 'guide' ? guideDocument(root, markdown, file, text) : readDocument(root, markdown, file);
  return { kind, file, path, markdown, root, document };
}

/** One that names a kit is read as it is proven; the blocks of others have no kinds. */
function guideDocument(root: Root, markdown: string, file: string, text: string): LessonDocument | null {
  return isProven(text) ? readDocument(root, markdown, file, 0, 'guide') : null;
}

/** Every node of a tree, parents before their children. */
export function* nodesOf(node: Nodes): Generator<Nodes> {
  yield node;
  if ('children' in node) for (const child of node.children) yield* nodesOf(child);
}
export const lineOf = (node: Nodes): number => node.position?.start.line ?? 1;

/** Fences with a kind, those inside hints and questions too, in page order. */
export function fencesOf(page: Page): LessonFence[] {
  const readings = [...(page.document?.fenceOf.values() ?? [])];
  return readings.flatMap((reading) => (reading.is === 'fence' ? [reading.fence] : []));
}

/** What `#…` may name on this page: slugs of headings, ids of steps, ids written as HTML. */
export function anchorsOf(page: Page): ReadonlySet<string> {
  const slugger = new GithubSlugger();
  const anchors = new Set<string>();
  for (const node of nodesOf(page.root)) {
    if (node.type === 'heading') anchors.add(slugger.slug(toString(node)));
    if (node.type === 'html')
      for (const found of node.value.matchAll(/\s(?:id|name)=["']([^"']+)["']/g)) anchors.add(found[1] ?? '');
  }
  for (const section of page.document?.sections ?? []) if (isStep(section)) anchors.add(section.id);
  return anchors;
}

/** A finding of this page at the rule's own weight. */
export function finding(
  rule: RuleId,
  at: { readonly file: string; readonly line: number },
  said: { message: string; expected: string; received: string; level?: Finding['level'] },
): Finding {
  const { message, expected, received, level = RULES[rule].level } = said;
  const read = `npx palestra lint --explain ${rule}`;
  return { rule, level, file: at.file, line: at.line, message, expected, received, read };
}
