/** A page of MkDocs, Jupyter Book/MyST or Carpentries: containers to asides, tabs, figures, steps with solutions. */
import { parse } from 'yaml';
import { z } from 'zod';
import { splitFrontMatter } from '../../catalogue/markdown.ts';
import { LessonBuilder } from './builder.ts';
import { fence } from './draft.ts';
import type { Draft } from './draft.ts';
import { PLACEHOLDER, addCode, addProse, cleaned, outline, parsePlain, picture } from './prose.ts';
import type { Prose } from './prose.ts';
import { segmentsOf } from './segments.ts';
import type { Container, Segment } from './segments.ts';

const Words = z.array(z.coerce.string()).catch([]);
const Front = z.looseObject({
  title: z.coerce.string().optional().catch(undefined),
  teaching: z.coerce.number().nonnegative().catch(0),
  exercises: z.coerce.number().nonnegative().catch(0),
  questions: Words,
  objectives: Words,
  keypoints: Words,
});
type Lists = Record<'questions' | 'objectives' | 'keypoints', string[]>;

interface Reading {
  readonly prose: Prose;
  readonly lists: Lists;
}

export async function fromPage(text: string, shown: string, source: string, top: string): Promise<Draft> {
  const { yaml, markdown } = splitFrontMatter(text.replaceAll('\r\n', '\n'));
  const front = frontOf(yaml);
  const builder = new LessonBuilder(shown);
  leaveFront(builder, yaml);
  const plain = kramdown(liquid(markdown, builder));
  const segments = segmentsOf(plain.split('\n'), 1);
  const roots = segments.flatMap((each) => (each.is === 'prose' ? [parsePlain(each.text)] : []));
  const { title, titled, shift } = outline(roots, front.title ?? shown.replace(/^.*\/|\.\w+$/g, ''));
  const lists: Lists = {
    questions: [...front.questions],
    objectives: [...front.objectives],
    keypoints: [...front.keypoints],
  };
  const reading = { prose: { builder, source, top, shift }, lists };
  let waiting = titled !== null;
  for (const segment of segments) {
    const first = waiting && segment.is === 'prose' && /^#\s|^.+\n=+\s*$/m.test(segment.text);
    addSegment(
      reading,
      first
        ? {
            ...segment,
            text: segment.text.replace(/^#\s.*$|^.+\n=+\s*$/m, (found) => found.replace(/[^\n]/g, '')),
          }
        : segment,
    );
    if (first) waiting = false;
  }
  const minutes = Math.ceil(front.teaching + front.exercises) || Math.max(10, segments.length * 2);
  return {
    title: front.title ?? title,
    minutes: Math.min(600, minutes),
    ...lists,
    ...(await builder.build()),
  };
}

function frontOf(yaml: string | null): z.infer<typeof Front> {
  try {
    return Front.parse((yaml === null ? null : (parse(yaml) as unknown)) ?? {});
  } catch (error) {
    // front matter that is no YAML, or no map, is listed by leaveFront and left out
    if (error instanceof Error) return Front.parse({});
    throw error;
  }
}

const TAKEN: ReadonlySet<string> = new Set([
  'title',
  'teaching',
  'exercises',
  'questions',
  'objectives',
  'keypoints',
]);
function leaveFront(builder: LessonBuilder, yaml: string | null): void {
  (yaml ?? '').split('\n').forEach((line, index) => {
    const key = /^([\w-]+)\s*:/.exec(line)?.[1];
    if (key !== undefined && !TAKEN.has(key))
      builder.leave(index + 2, `front matter: ${line.slice(0, 80)}`, 'nothing');
  });
}

/** `{% include figure … %}` over several lines is a picture; lines keep their numbers. */
function liquid(markdown: string, builder: LessonBuilder): string {
  return markdown.replace(/^\{%[^%]*\n[^%]*%\}/gm, (found, at: number) => {
    const of = (name: string) => new RegExp(`\\b${name}=(?:"([^"]*)"|'([^']*)')`).exec(found)?.[1] ?? '';
    const blank = found.replace(/[^\n]/g, '');
    const file = of('file') || of('url');
    if (file !== '') return `![${of('alt') || of('caption')}](${file.replace(/^\//, '')})${blank}`;
    builder.leave(
      markdown.slice(0, at).split('\n').length,
      `markup of the other site: ${found.slice(0, 60).replace(/\s+/g, ' ')}`,
      'nothing',
    );
    return blank;
  });
}

/** Code blocks of older Carpentries lessons say their language on the line below them. Lines keep their numbers. */
function kramdown(markdown: string): string {
  return markdown.replace(
    /^((?:> ?)*)(~~~|```)[ \t]*\n([^]*?)\n\1\2[ \t]*\n\1\{:\s*\.(?:language-)?([\w-]+)\s*\}/gm,
    (_, quote: string, mark: string, code: string, lang: string) =>
      `${quote}${mark}${lang}\n${code}\n${quote}${mark}\n${quote.trimEnd()}`,
  );
}

function addSegment(reading: Reading, segment: Segment): void {
  if (segment.is === 'prose') return addMarkdown(reading, segment.text, segment.line - 1);
  const { prose, lists } = reading;
  const { name, line } = segment;
  if (name === 'questions' || name === 'objectives' || name === 'keypoints')
    return void lists[name].push(...itemsOf(segment));
  if (name === 'challenge' || name === 'exercise') return addChallenge(reading, segment);
  if (name === 'code-cell') return prose.builder.cell(segment.raw);
  if (name === 'code-block' || name === 'code' || name === 'sourcecode')
    return addCode(prose.builder, { lang: segment.title || null, meta: null, value: segment.raw }, line);
  if (name === 'figure' || name === 'image') return addFigure(reading, segment);
  if (name === 'tab-set' || name === 'group-tab')
    return segment.inside.forEach((each) => addSegment(reading, each));
  if (name === 'solution') return addSolution(reading, segment);
  if (name in ASIDES || name === 'tab' || name === 'tab-item') return addAside(reading, segment);
  prose.builder.leave(
    line,
    `a container that has no counterpart: ${name}${segment.title ? ` ${segment.title}` : ''}`,
    UNSHOWN.has(name) ? 'nothing' : 'its content as text',
  );
  if (!UNSHOWN.has(name)) segment.inside.forEach((each) => addSegment(reading, each));
}

/** What is not for learners, or is made by the other site. */
const UNSHOWN: ReadonlySet<string> = new Set([
  'instructor',
  'toctree',
  'tableofcontents',
  'bibliography',
  'contents',
  'include',
  'literalinclude',
  'raw',
  'eval-rst',
  'math',
  'mermaid',
  'iframe',
]);
const ASIDES: Readonly<Record<string, 'note' | 'tip' | 'caution' | 'danger'>> = {
  note: 'note',
  abstract: 'note',
  summary: 'note',
  info: 'note',
  todo: 'note',
  seealso: 'note',
  admonition: 'note',
  dropdown: 'note',
  callout: 'note',
  prereq: 'note',
  discussion: 'note',
  spoiler: 'note',
  checklist: 'note',
  testimonial: 'note',
  quote: 'note',
  example: 'note',
  question: 'note',
  topic: 'note',
  margin: 'note',
  sidebar: 'note',
  details: 'note',
  tip: 'tip',
  hint: 'tip',
  important: 'tip',
  success: 'tip',
  check: 'tip',
  warning: 'caution',
  caution: 'caution',
  attention: 'caution',
  failure: 'caution',
  danger: 'danger',
  error: 'danger',
  bug: 'danger',
};

const itemsOf = ({ raw }: Container): string[] =>
  raw.split('\n').flatMap((line) => /^\s*[-*+]\s+(.+)$/.exec(line)?.[1]?.trim() ?? []);

function addMarkdown({ prose }: Reading, text: string, before: number): void {
  const kept = text.split('\n').map((line, index) => {
    if (!/^\s*(?:\{:[^}]*\}|\([\w:-]+\)=|\{%.*%\}|---8<---.*|\[TOC\])\s*$/.test(line)) return line;
    prose.builder.leave(before + index + 1, `markup of the other site: ${line.trim()}`, 'nothing');
    return '';
  });
  const plain = kept
    .join('\n')
    .replace(
      /\{(?:ref|doc|term|numref|eq|cite|cite:p|cite:t|download|py:\w+|kbd|abbr)\}`([^`]*)`/g,
      (found, words: string, at: number) => {
        prose.builder.leave(
          before + kept.join('\n').slice(0, at).split('\n').length,
          `a role: ${found}`,
          'its words alone',
        );
        return `*${words.replace(/\s*<[^>]*>$/, '')}*`;
      },
    );
  addProse(prose, plain, before);
}

function addFigure({ prose }: Reading, { title, options, raw, line }: Container): void {
  const caption = raw.trim();
  const alt = options['alt'] ?? caption.split('\n')[0] ?? '';
  prose.builder.text(picture(prose, title, alt, line));
  if (caption !== '') prose.builder.text(`*${caption.replace(/\s*\n\s*/g, ' ').replaceAll('*', '')}*`);
}

/** Runs stay runs in an aside's place: what is done stands in the step itself, what is said in the aside. */
function addAside(reading: Reading, container: Container): void {
  const { builder } = reading.prose;
  const kind = ASIDES[container.name];
  const text = saidIn(reading, container);
  const title = (container.title || container.options['title'] || '').replace(/[[\]]/g, '');
  if (kind === undefined) {
    builder.text(`**${title || 'Tab'}**\n\n${text.said}`);
    builder.leave(container.line, `a tab: ${title}`, 'its content under its name');
  } else if (text.said !== '')
    builder.text(`:::${kind}${title === '' ? '' : `[${title}]`}\n${text.said}\n:::`);
  for (const { lang, meta, value, line } of text.codes) addCode(builder, { lang, meta, value }, line);
}

interface Said {
  readonly said: string;
  readonly codes: readonly {
    readonly lang: string | null;
    readonly meta: string | null;
    readonly value: string;
    readonly line: number;
  }[];
}

/** Prose and code of a container apart; containers in it become text. */
function saidIn(reading: Reading, { inside }: Container): Said {
  const said: string[] = [];
  const codes: Said['codes'][number][] = [];
  for (const segment of inside) {
    if (segment.is === 'container') {
      const inner = saidIn(reading, segment);
      reading.prose.builder.leave(
        segment.line,
        `a ${segment.name} inside another container`,
        'its content as text',
      );
      said.push(
        ...[segment.title === '' ? '' : `**${segment.title}**`, inner.said].filter((each) => each !== ''),
      );
      codes.push(...inner.codes);
      continue;
    }
    for (const node of parsePlain(segment.text).children) {
      const line = segment.line + (node.position?.start.line ?? 1) - 1;
      if (node.type === 'code')
        codes.push({ lang: node.lang ?? null, meta: node.meta ?? null, value: node.value, line });
      else if (node.type === 'heading')
        said.push(
          `**${cleaned(reading.prose, node, segment.text, segment.line - 1).replace(/^#+\s*/, '')}**`,
        );
      else said.push(cleaned(reading.prose, node, segment.text, segment.line - 1));
    }
  }
  return { said: said.filter((each) => each.trim() !== '' && each !== '**Solution**').join('\n\n'), codes };
}

/** A challenge is a step of its own; what follows it goes on in a section of its own. */
function addChallenge(reading: Reading, container: Container): void {
  const { builder } = reading.prose;
  const parent = builder.sectionTitle;
  const { title, rest } = titleIn(container);
  builder.section(title);
  builder.needsCheck();
  for (const segment of rest) {
    if (segment.is === 'container' && (segment.name === 'solution' || segment.name === 'hint'))
      addSolution(reading, segment);
    else addSegment(reading, segment);
  }
  builder.section(parent === '' ? 'Go on' : `${parent}, continued`);
}

/** Carpentries give a challenge its title as a heading inside. */
function titleIn({ title, inside }: Container): { title: string; rest: readonly Segment[] } {
  const [first, ...rest] = inside;
  const heading = first?.is === 'prose' ? /^\s*#{1,6}\s+(.+?)\s*(?:\{.*\})?$/m.exec(first.text) : null;
  if (first?.is !== 'prose' || heading === null || first.text.slice(0, heading.index).trim() !== '')
    return { title: title || 'Challenge', rest: inside };
  return {
    title: heading[1] ?? 'Challenge',
    rest: [{ ...first, text: first.text.replace(heading[0], '') }, ...rest],
  };
}

/** Its commands are the step's solution; its words a hint, after three tries. */
function addSolution(reading: Reading, container: Container): void {
  const { builder } = reading.prose;
  if (builder.sectionTitle === '')
    return addAside(reading, { ...container, name: 'note', title: container.title || 'Solution' });
  builder.needsCheck();
  const { said, codes } = saidIn(reading, container);
  const shell = codes.filter(({ lang }) => /^(?:bash|sh|shell)$/.test(lang ?? ''));
  for (const { value, line } of shell) {
    const placeholder = PLACEHOLDER.exec(value)?.[0];
    if (placeholder !== undefined)
      builder.leave(line, `a placeholder in a solution: ${placeholder}`, 'as it stands; mend it');
  }
  if (shell.length > 0 && container.name === 'solution')
    builder.hidden('bash solution', shell.map(({ value }) => value.replace(/^\s*[$]\s+/gm, '')).join('\n'));
  const others = codes
    .filter((code) => !shell.includes(code) || container.name !== 'solution')
    .map(({ lang, value }) =>
      fence(/^(?!output$|error$)[\w+-]+$/.test(lang ?? '') ? (lang ?? 'text') : 'text', value),
    );
  const words = [said, ...others].filter((each) => each !== '').join('\n\n');
  if (words === '') return;
  builder.text(
    `:::hint[${container.name === 'hint' ? 'Hint' : 'Solution'}]{#imported-${builder.number()} after=3 unproven="imported"}\n${words}\n:::`,
  );
}
