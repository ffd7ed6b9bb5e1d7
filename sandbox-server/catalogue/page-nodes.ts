/** Each node of a lesson as the static page shows it. */
import type { ContainerDirective } from 'mdast-util-directive';
import type { Code, InlineCode, ListItem, Nodes, PhrasingContent, RootContent, Text } from 'mdast';
import { markBlanks, splitBlanks } from './blanks.ts';
import { firstLine, labelOf, tasksOf } from './containers.ts';
import type { QuestionValue } from './containers.ts';
import type { LessonDocument } from './document.ts';
import type { LessonFence } from './fences.ts';

type Properties = Record<string, string | boolean | undefined>;

/** An element of the page; a paragraph's type is what every later remark plugin passes through. */
export function element(tag: string, properties: Properties, children: readonly Nodes[]): RootContent {
  const given = Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined));
  return {
    type: 'paragraph',
    data: { hName: tag, hProperties: given },
    children: children as PhrasingContent[],
  } as RootContent;
}
const text = (value: string): Text => ({ type: 'text', value });

/** What never leaves the server. */
const HIDDEN: ReadonlySet<LessonFence['kind']> = new Set([
  'check',
  'solution',
  'setup',
  'wrong',
  'undo',
  'answer',
  'ready',
  'cleanup',
  'when',
]);

/** The nodes in their public form, hidden ones left out. */
export function pageNodes(nodes: readonly Nodes[], document: LessonDocument): RootContent[] {
  return nodes.flatMap((node) => pageNode(node, document)) as RootContent[];
}

function pageNode(node: Nodes, document: LessonDocument): Nodes[] {
  switch (node.type) {
    case 'code':
      return codeNode(node, document);
    case 'containerDirective':
      return [containerNode(node, document)];
    case 'text':
      return proseBlanks(node);
    case 'inlineCode':
      return [codeBlanks(node)];
    case 'html':
      return withoutComments(node.value).trim() === ''
        ? []
        : [{ ...node, value: withoutComments(node.value) }];
    default:
      if ('children' in node) node.children = pageNodes(node.children, document);
      return [node];
  }
}

/** Comments are authors' notes, or name a step. */
const withoutComments = (html: string) => html.replace(/<!--[\s\S]*?(?:-->|$)/g, '');

function codeNode(node: Code, document: LessonDocument): Nodes[] {
  const reading = document.fenceOf.get(node);
  // nothing is shown that was not read: a block the reading missed could be a solution
  if (reading === undefined || reading.is === 'mistake') return [];
  const shown: Code = { ...node, value: markBlanks(node.value) };
  if (reading.is === 'text') return [reading.keepMeta ? shown : { ...shown, meta: null }];
  if (HIDDEN.has(reading.fence.kind)) return [];
  return [element('figure', fenceProperties(reading.fence), [{ ...shown, meta: null }])];
}

function fenceProperties(fence: LessonFence): Properties {
  const base = { className: 'fence', dataKind: fence.kind, dataLine: String(fence.place.line) };
  switch (fence.kind) {
    case 'run':
      return {
        ...base,
        dataAction: fence.id,
        dataTerminal: fence.terminal,
        dataStop: fence.stop,
        dataFails: flag(fence.fails),
        dataStays: flag(fence.until !== undefined),
        dataIn: fence.in,
      };
    case 'example':
      return { ...base, dataKind: 'run', dataExample: '' };
    case 'edit':
      return { ...base, dataAction: fence.id, dataFile: fence.file, dataAt: fence.at };
    case 'cell':
      return {
        ...base,
        dataAction: fence.id,
        dataNotebook: `${fence.notebook}.ipynb`,
        dataFails: flag(fence.fails),
      };
    default:
      return base;
  }
}
const flag = (on: boolean) => (on ? '' : undefined);

function containerNode(node: ContainerDirective, document: LessonDocument): Nodes {
  const hint = document.hintOf.get(node);
  const question = document.questionOf.get(node);
  if (question !== undefined) return questionNode(node, question, document);
  const label = labelOf(node);
  if (hint === undefined) {
    node.children = pageNodes(node.children, document) as typeof node.children;
    return node;
  }
  const body = pageNodes(
    node.children.filter((child) => child !== label),
    document,
  );
  return element('details', { className: 'hint', dataHint: hint.id }, [
    element('summary', {}, inline(label, document)),
    ...body,
  ]);
}

const inline = (node: { children: Nodes[] } | undefined, document: LessonDocument) =>
  pageNodes(node?.children ?? [], document);

function questionNode(node: ContainerDirective, question: QuestionValue, document: LessonDocument): Nodes {
  const label = labelOf(node);
  const tasks = tasksOf(node);
  const rest = node.children.filter((child) => child !== label && child.type !== 'list');
  const type = question.choices.filter((choice) => choice.right).length > 1 ? 'checkbox' : 'radio';
  const fields =
    question.kind === 'answer'
      ? [answerField(question)]
      : tasks.map((item, index) => choiceField(item, index, type, question, document));
  const id = question.kind === 'answer' ? asksOf(question) : undefined;
  const legend = element('legend', { id }, inline(label, document));
  return element('fieldset', { className: 'question', dataQuestion: question.id, dataKind: question.kind }, [
    legend,
    ...pageNodes(rest, document),
    ...fields,
  ]);
}

/** The first line alone: what stands below it explains why the choice is wrong. */
function choiceField(
  item: ListItem,
  index: number,
  type: string,
  question: QuestionValue,
  document: LessonDocument,
): Nodes {
  const [first] = item.children;
  const input = element('input', { type, name: question.id, value: String(index) }, []);
  const words = first?.type === 'paragraph' ? pageNodes(firstLine(first.children), document) : [];
  return element('label', {}, [input, text(' '), ...words]);
}

/** Named by the question itself, so that the field needs no word of any language. */
const answerField = (question: QuestionValue): Nodes =>
  element(
    'input',
    { type: 'text', name: question.id, autoComplete: 'off', ariaLabelledBy: asksOf(question) },
    [],
  );
const asksOf = ({ id }: QuestionValue) => `${id}-asks`;

function proseBlanks(node: Text): Nodes[] {
  const parts = splitBlanks(node.value);
  return parts.every((part) => typeof part === 'string')
    ? [node]
    : parts.map((part) => (typeof part === 'string' ? text(part) : blank(part)));
}

const blank = (part: { name: string; label: string }): Nodes =>
  element('span', { className: 'blank', dataBlank: part.name }, [text(part.label)]);

function codeBlanks(node: InlineCode): Nodes {
  const parts = splitBlanks(node.value);
  if (parts.every((part) => typeof part === 'string')) return node;
  return element(
    'code',
    { dir: 'auto' },
    parts.map((part) => (typeof part === 'string' ? text(part) : blank(part))),
  );
}
