/** `:::hint` and `:::question` to the contract's hints and questions. */
import { toString } from 'mdast-util-to-string';
import type { ContainerDirective } from 'mdast-util-directive';
import type { ListItem, Nodes, Paragraph, PhrasingContent } from 'mdast';
import type { Choice, Hint, Place, Question } from '../contract/lesson.ts';
import type { z } from 'zod';
import { seconds } from './duration.ts';
import type { LessonFence } from './fences.ts';
import { READ } from './mistakes.ts';
import type { Mistake } from './mistakes.ts';

export type HintValue = z.infer<typeof Hint>;
export type QuestionValue = z.infer<typeof Question>;
type ChoiceValue = z.infer<typeof Choice>;

/** Containers an author may use; the asides and tabs are Starlight's. */
export const CONTAINERS = ['hint', 'question', 'note', 'tip', 'caution', 'danger', 'tabs', 'tab'] as const;
const HINT_ATTRIBUTES = ['id', 'after', 'unproven'];

export interface Written {
  readonly node: ContainerDirective;
  readonly place: Place;
  /** the whole file, for the container's own Markdown */
  readonly source: string;
  /** the fences inside it */
  readonly fences: readonly LessonFence[];
  readonly report: (mistake: Mistake) => void;
}

/** The `[Title]` after a container's name, as plain text. */
const titleOf = (node: ContainerDirective): string => {
  const label = labelOf(node);
  return label === undefined ? '' : toString(label).trim();
};
export const labelOf = (node: ContainerDirective): Paragraph | undefined => {
  const [first] = node.children;
  return first?.type === 'paragraph' && first.data?.directiveLabel === true ? first : undefined;
};

/** @param number the hint's place in the lesson, for one without an id */
export function readHint(written: Written, number: number): HintValue {
  const { node, place } = written;
  const attributes = node.attributes ?? {};
  const say = sayer(written);
  const title = titleOf(node);
  if (title === '') say('A hint has a title.', ':::hint[Title]{#id}', ':::hint');
  for (const key of Object.keys(attributes))
    if (!HINT_ATTRIBUTES.includes(key))
      say('Unknown attribute of a hint.', '#id, after=2, after=60s, unproven="why"', key);
  const when = whenOf(written);
  const id = attributes['id'] ?? '';
  if (id === '' && attributes['after'] == null && when === undefined)
    say(
      'Nothing can ever show this hint.',
      '{#id}, {after=2}, {after=60s} or a `when` block',
      ':::hint without them',
    );
  const unproven = attributes['unproven'];
  return {
    id: id || `hint-${number}`,
    title,
    text: textOf(written),
    ...afterOf(attributes['after'], say),
    ...(unproven != null && { unproven }),
    ...(when && { when }),
    place,
  };
}

function afterOf(after: string | null | undefined, say: Say): { afterTries?: number; afterSeconds?: number } {
  if (after == null) return {};
  if (/^[1-9]\d?$/.test(after)) return { afterTries: Number(after) };
  const wait = seconds(after);
  if (wait !== null) return { afterSeconds: wait };
  say('A hint comes after a number of tries or a time.', 'after=2 or after=60s', `after=${after}`);
  return {};
}

function whenOf(written: Written): HintValue['when'] {
  const [when, ...more] = written.fences.filter((fence) => fence.kind === 'when');
  const other = [
    ...written.fences.filter((fence) => fence.kind !== 'when' && fence.kind !== 'example'),
    ...more,
  ][0];
  if (other !== undefined)
    sayer(written)(
      'A hint holds text, examples and one `when` block.',
      'no other kind inside a hint',
      other.kind,
    );
  return when && { lang: when.lang, code: when.code, place: when.place };
}

export function readQuestion(written: Written, number: number): QuestionValue {
  const { node, place } = written;
  const say = sayer(written);
  const title = titleOf(node);
  if (title === '') say('A question has a title.', ':::question[What is asked?]', ':::question');
  const choices = tasksOf(node).map((item) => choiceOf(item, written.source));
  const answers = written.fences.filter((fence) => fence.kind === 'answer');
  for (const fence of written.fences)
    if (fence.kind !== 'answer')
      say('A question holds choices or an answer.', 'no other kind inside a question', fence.kind);
  const [answer] = answers;
  const base = { id: `question-${number}`, title, place };
  if (answer !== undefined && choices.length === 0 && answers.length === 1)
    return { ...base, kind: 'answer', choices, answer };
  // on a translated page: the answer stands on the English one, which must have it (lesson-rules.ts)
  if (choices.length === 0 && answers.length === 0) return { ...base, kind: 'answer', choices };
  if (answer !== undefined)
    say('A question is answered in one way.', 'either choices or one `answer` block', 'more than one');
  else choiceRules(choices, say);
  return { ...base, kind: 'choice', choices };
}

/** What is said of a question that nobody can answer. */
export const NO_CHOICE = 'A question needs something to choose from.';
export const CHOICE_WANTED = 'a list of at least two `- [ ]` and `- [x]` lines, or an `answer` block';

function choiceRules(choices: readonly ChoiceValue[], say: Say): void {
  const right = choices.filter((choice) => choice.right).length;
  if (choices.length < 2) say(NO_CHOICE, CHOICE_WANTED, `${choices.length} of them`);
  else if (right === 0) say('No choice of this question is right.', 'at least one `- [x]`', 'none');
}

/** The task-list items of a question, in order. */
export function tasksOf(node: ContainerDirective): ListItem[] {
  return node.children
    .flatMap((child) => (child.type === 'list' ? child.children : []))
    .filter((item) => typeof item.checked === 'boolean');
}

/** A choice is its first line; what stands on the lines below explains why it is right or wrong. */
function choiceOf(item: ListItem, source: string): ChoiceValue {
  const [first, ...below] = item.children;
  const [line = '', ...more] =
    first?.type === 'paragraph'
      ? sliceOf([first], source)
          .replace(/^\[[ \txX]\]\s+/, '')
          .split('\n')
      : [];
  const why = [...more, ...below.map((node) => toString(node))]
    .map((each) => each.trim())
    .filter((each) => each !== '')
    .join(' ');
  return { text: line.trim(), right: item.checked === true, ...(why !== '' && { why }) };
}

/** The same first line as nodes of the page. */
export function firstLine(nodes: readonly PhrasingContent[]): PhrasingContent[] {
  const line: PhrasingContent[] = [];
  for (const node of nodes) {
    if (node.type === 'break') return line;
    const ends = toString(node).includes('\n');
    if (node.type === 'text') line.push(ends ? { ...node, value: node.value.split('\n')[0] ?? '' } : node);
    else if (ends && 'children' in node) line.push({ ...node, children: firstLine(node.children) });
    else line.push(node);
    if (ends) return line;
  }
  return line;
}

/** A container's Markdown without its label and `when` block, as the page renders it. */
function textOf(written: Written): string {
  const label = labelOf(written.node);
  const shown = written.node.children.filter(
    (child) => child !== label && !(child.type === 'code' && /^when\b/.test(child.meta ?? '')),
  );
  return shown
    .map((child) => sliceOf([child], written.source))
    .join('\n\n')
    .trim();
}

function sliceOf(nodes: readonly Nodes[], source: string): string {
  const from = nodes[0]?.position?.start.offset ?? 0;
  const to = nodes.at(-1)?.position?.end.offset ?? from;
  return source.slice(from, to);
}

type Say = (message: string, expected: string, received: string) => void;
const sayer =
  (written: Written): Say =>
  (message, expected, received) =>
    written.report({ ...written.place, message, expected, received, read: READ.containers });
