/**
 * One lesson file read once: its sections with their fences, hints and questions, and what each node
 * of the tree is. The course's parser and the static page are both made from this one reading.
 */
import type { ContainerDirective } from 'mdast-util-directive';
import type { Code, Heading, Html, Nodes, Root } from 'mdast';
import { toString } from 'mdast-util-to-string';
import type { Place } from '../contract/lesson.ts';
import { CONTAINERS, readHint, readQuestion } from './containers.ts';
import type { HintValue, QuestionValue } from './containers.ts';
import { readFence } from './fences.ts';
import type { FenceKind, FenceReading, LessonFence } from './fences.ts';
import { READ } from './mistakes.ts';
import type { Mistake } from './mistakes.ts';
import { stepId } from './step-id.ts';

export interface Section {
  /** null: what stands before the first `##` */
  readonly heading: Heading | null;
  readonly title: string;
  /** from the heading, or the `<!-- step: id -->` under it */
  readonly id: string;
  readonly place: Place;
  readonly fences: LessonFence[];
  readonly hints: HintValue[];
  readonly questions: QuestionValue[];
}
export interface LessonDocument {
  readonly root: Root;
  readonly sections: readonly Section[];
  readonly mistakes: readonly Mistake[];
  readonly fenceOf: ReadonlyMap<Code, FenceReading>;
  readonly hintOf: ReadonlyMap<ContainerDirective, HintValue>;
  readonly questionOf: ReadonlyMap<ContainerDirective, QuestionValue>;
}

/** What is read: in a guide, shell without a word after its language is a `run`. */
export type Genre = 'lesson' | 'guide';

/**
 * @param root the parsed tree; @param source the text its positions point into
 * @param file the name that mistakes carry; @param lines how many lines the tree's positions lack
 */
export function readDocument(
  root: Root,
  source: string,
  file: string,
  lines = 0,
  genre: Genre = 'lesson',
): LessonDocument {
  const reading = startReading(source, file, lines, genre);
  root.children.forEach((node, index) => {
    if (node.type === 'heading') openSection(reading, node, root.children[index + 1]);
    else readNode(reading, node);
  });
  const { sections, mistakes, fenceOf, hintOf, questionOf } = reading;
  return { root, sections, mistakes, fenceOf, hintOf, questionOf };
}

interface Reading {
  readonly genre: Genre;
  readonly source: string;
  readonly sections: Section[];
  readonly mistakes: Mistake[];
  readonly fenceOf: Map<Code, FenceReading>;
  readonly hintOf: Map<ContainerDirective, HintValue>;
  readonly questionOf: Map<ContainerDirective, QuestionValue>;
  readonly number: (kind: FenceKind) => number;
  readonly place: (node: Nodes) => Place;
}

function startReading(source: string, file: string, lines: number, genre: Genre): Reading {
  const counts = new Map<FenceKind, number>();
  const number = (kind: FenceKind) => {
    const next = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, next);
    return next;
  };
  const place = (node: Nodes): Place => ({ file, line: (node.position?.start.line ?? 1) + lines });
  const before: Section = {
    heading: null,
    title: '',
    id: '',
    place: { file, line: 1 },
    fences: [],
    hints: [],
    questions: [],
  };
  return {
    genre,
    source,
    sections: [before],
    mistakes: [],
    fenceOf: new Map(),
    hintOf: new Map(),
    questionOf: new Map(),
    number,
    place,
  };
}

function openSection(reading: Reading, heading: Heading, next: Nodes | undefined): void {
  if (heading.depth === 1)
    report(
      reading,
      heading,
      'A lesson has no `#` heading; its title stands in the front matter.',
      '## and deeper',
      toString(heading),
    );
  if (heading.depth !== 2) return;
  const title = toString(heading).trim();
  const id = (next?.type === 'html' ? namedStep(next) : null) ?? stepId(title);
  reading.sections.push({
    heading,
    title,
    id,
    place: reading.place(heading),
    fences: [],
    hints: [],
    questions: [],
  });
}

/** `<!-- step: id -->` keeps a step's id when its heading is reworded. */
function namedStep(node: Html): string | null {
  return /^<!--\s*step:\s*(\S+)\s*-->\s*$/.exec(node.value)?.[1] ?? null;
}

function readNode(reading: Reading, node: Nodes): void {
  const section = current(reading);
  if (node.type === 'code') section.fences.push(...readCode(reading, node));
  else if (node.type === 'containerDirective') readContainer(reading, node);
  else if ('children' in node) for (const child of node.children) readNode(reading, child);
}

const SHELL: ReadonlySet<string> = new Set(['bash', 'sh']);

function readCode(reading: Reading, node: Code): LessonFence[] {
  const written = {
    lang: node.lang ?? '',
    meta: node.meta ?? (reading.genre === 'guide' && SHELL.has(node.lang ?? '') ? 'run' : ''),
    code: node.value,
    place: reading.place(node),
  };
  const read = readFence(written, reading.number);
  reading.fenceOf.set(node, read);
  if (read.is === 'mistake') reading.mistakes.push(...read.mistakes);
  return read.is === 'fence' ? [read.fence] : [];
}

function readContainer(reading: Reading, node: ContainerDirective): void {
  if (!(CONTAINERS as readonly string[]).includes(node.name))
    report(reading, node, 'Unknown container.', `one of ${CONTAINERS.join(', ')}`, `:::${node.name}`);
  if (node.name !== 'hint' && node.name !== 'question')
    return node.children.forEach((child) => readNode(reading, child));
  const section = current(reading);
  const inside: LessonFence[] = [];
  forEachCode(node, (code) => inside.push(...readCode(reading, code)));
  const written = {
    node,
    place: reading.place(node),
    source: reading.source,
    fences: inside,
    report: (mistake: Mistake) => reading.mistakes.push(mistake),
  };
  if (node.name === 'hint')
    section.hints.push(remember(reading.hintOf, node, readHint(written, reading.hintOf.size + 1)));
  else
    section.questions.push(
      remember(reading.questionOf, node, readQuestion(written, reading.questionOf.size + 1)),
    );
}

function forEachCode(node: Nodes, visit: (code: Code) => void): void {
  if (node.type === 'code') visit(node);
  else if ('children' in node) for (const child of node.children) forEachCode(child, visit);
}

function remember<K, V>(map: Map<K, V>, key: K, value: V): V {
  map.set(key, value);
  return value;
}

const current = (reading: Reading): Section => {
  const section = reading.sections.at(-1);
  if (section === undefined) throw new Error('a reading begins with a section');
  return section;
};

function report(reading: Reading, node: Nodes, message: string, expected: string, received: string): void {
  reading.mistakes.push({ ...reading.place(node), message, expected, received, read: READ.containers });
}

/** A step is a section in which something can be done or answered; other sections are text. */
export function isStep(section: Section): boolean {
  return (
    section.heading !== null &&
    (section.questions.length > 0 || section.fences.some((fence) => MAKES_STEP.has(fence.kind)))
  );
}
const MAKES_STEP: ReadonlySet<string> = new Set(['run', 'edit', 'cell', 'check']);
