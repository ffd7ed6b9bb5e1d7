/** Markdown of others into a builder: headings to steps, code to runs, pictures kept, what is unsafe taken out. */
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, resolve, sep } from 'node:path';
import type { Code, Heading, Nodes, Root } from 'mdast';
import { toString } from 'mdast-util-to-string';
import remarkGfm from 'remark-gfm';
import remarkParse from 'remark-parse';
import { unified } from 'unified';
import { nodesOf } from '../lint/page.ts';
import type { LessonBuilder } from './builder.ts';

export interface Prose {
  readonly builder: LessonBuilder;
  /** absolute; pictures are looked for beside it and never above `top` */
  readonly source: string;
  readonly top: string;
  /** added to a heading's depth, so that the highest becomes a step */
  readonly shift: number;
  /** pictures that travel inside the source (a notebook's attachments) */
  readonly attachments?: ReadonlyMap<string, Uint8Array>;
}

const parser = unified().use(remarkParse).use(remarkGfm);
export const parsePlain = (markdown: string): Root => parser.parse(markdown);

/** @param before lines of the source before this text */
export function addProse(prose: Prose, markdown: string, before: number): void {
  const root = parsePlain(markdown);
  for (const node of root.children) {
    const line = (node.position?.start.line ?? 1) + before;
    if (node.type === 'heading') addHeading(prose, node, markdown);
    else if (node.type === 'code') addCode(prose.builder, node, line);
    else prose.builder.text(cleaned(prose, node, markdown, before));
  }
}

function addHeading({ builder, shift }: Prose, node: Heading, source: string): void {
  const depth = Math.min(6, Math.max(2, node.depth + shift));
  const title = toString(node)
    .replace(/\s*\{[:#.][^}]*\}\s*$/, '')
    .trim();
  if (depth === 2) builder.section(title);
  else builder.text(`${'#'.repeat(depth)} ${title || sliceOf(node, source)}`);
}

const SHELL = /^(?:bash|sh|shell|zsh|console|shell-session|shellsession|terminal|sh-session)$/i;
const PROMPT = /^\s*(?:\[?[\w.@~-]*[\w\])]?[$%]|\$)\s+/;
export const PLACEHOLDER = /<[A-Za-z][\w .-]*>|(?<=\s)\.\.\.(?=\s|$)|\{\{|\{%|\b(?:YOUR|your)[-_]\w+/;

/** Shell becomes a run, with what it printed as its output; other languages are shown. */
export function addCode(
  builder: LessonBuilder,
  node: Pick<Code, 'lang' | 'meta' | 'value'>,
  line: number,
): void {
  const lang = (node.lang ?? '').replace(/^\{?\.?([\w+-]*).*$/, '$1');
  const meta = (node.meta ?? '').replace(/^\s*\}?|[{}]/g, '').trim();
  if (meta !== '') builder.leave(line, `options of a code block: ${meta}`, 'the block without them');
  if (/^(?:output|error)$/.test(lang)) return builder.output(node.value);
  const lines = node.value.split('\n');
  const prompted = lines.some((each) => PROMPT.test(each));
  if (!SHELL.test(lang) && !(lang === '' && prompted)) return builder.text(fenceOf(lang, node.value));
  if (!prompted) return addShell(builder, node.value, line);
  addSession(builder, lines, line);
}

function addShell(builder: LessonBuilder, code: string, line: number): void {
  const placeholder = PLACEHOLDER.exec(code)?.[0];
  if (code.trim() === '') return;
  if (placeholder !== undefined)
    builder.leave(line, `a placeholder in a command: ${placeholder}`, 'an example, which is not run');
  builder.run(code, line + 1, placeholder === undefined ? '' : ' example');
}

/** A prompt before each command, what it printed below. */
function addSession(builder: LessonBuilder, lines: readonly string[], line: number): void {
  let commands: string[] = [];
  let printed: string[] = [];
  const flush = () => {
    if (commands.length > 0) addShell(builder, commands.join('\n'), line);
    builder.output(printed.join('\n'));
    [commands, printed] = [[], []];
  };
  for (const each of lines) {
    const continued = printed.length === 0 && /\\$/.test(commands.at(-1) ?? '');
    if (continued) commands.push(each.replace(/^>\s/, ''));
    else if (PROMPT.test(each)) {
      if (printed.some((text) => text.trim() !== '')) flush();
      commands.push(each.replace(PROMPT, ''));
    } else printed.push(each);
  }
  flush();
}

const fenceOf = (lang: string, code: string) => {
  const ticks = '`'.repeat(Math.max(3, ...[...code.matchAll(/`+/g)].map(([run]) => run.length + 1)));
  return `${ticks}${lang || 'text'}\n${code}\n${ticks}`;
};

const sliceOf = (node: Nodes, source: string) =>
  source.slice(node.position?.start.offset ?? 0, node.position?.end.offset ?? 0);

interface Edit {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** A block of prose with its pictures taken along, its unsafe HTML taken out and its dead ends made text. */
export function cleaned(prose: Prose, node: Nodes, source: string, before: number): string {
  const start = node.position?.start.offset ?? 0;
  const edits = [...nodesOf(node)].flatMap((each) => editOf(prose, each, source, before));
  const outer = edits.filter(
    (a) => !edits.some((b) => b !== a && b.from <= a.from && a.to <= b.to && b.to - b.from > a.to - a.from),
  );
  let text = sliceOf(node, source);
  for (const { from, to, text: now } of [...outer].sort((a, b) => b.from - a.from))
    text = text.slice(0, from - start) + now + text.slice(to - start);
  return text;
}

function editOf(prose: Prose, node: Nodes, source: string, before: number): Edit[] {
  const [from, to] = [node.position?.start.offset ?? 0, node.position?.end.offset ?? 0];
  const line = (node.position?.start.line ?? 1) + before;
  const edit = (text: string) => [{ from, to, text }];
  switch (node.type) {
    case 'html': {
      const safe = safeHtml(prose, node.value, line);
      return safe === node.value ? [] : edit(safe);
    }
    case 'image':
      return edit(picture(prose, node.url, node.alt ?? '', line));
    case 'link':
      return source[from] === '['
        ? linkEdit(prose, node.url, source.slice(from, to), toString(node), line, edit)
        : [];
    case 'definition':
      return isElsewhere(node.url)
        ? []
        : (prose.builder.leave(line, `a link to ${node.url}`, 'nothing; its text stands'), edit(''));
    case 'code':
      return nestedCode(prose, node, line, edit);
    case 'text':
    case 'inlineCode':
      leaveTemplates(prose, node.value, line);
      return [];
    default:
      return [];
  }
}

function nestedCode({ builder }: Prose, node: Code, line: number, edit: (text: string) => Edit[]): Edit[] {
  if (node.lang == null) return [];
  if (node.meta != null || /[{}]/.test(node.lang))
    builder.leave(line, `options of a code block inside a list or quotation`, 'the block without them');
  if (SHELL.test(node.lang))
    builder.leave(
      line,
      'commands inside a list or quotation',
      'text; make it a run block of a step if it is to be run',
    );
  if (node.meta == null && !/[{}]/.test(node.lang)) return [];
  const indent = ' '.repeat((node.position?.start.column ?? 1) - 1);
  return edit(
    fenceOf(node.lang.replace(/^\{?\.?([\w+-]*).*$/, '$1'), node.value).replaceAll('\n', `\n${indent}`),
  );
}

function leaveTemplates({ builder }: Prose, text: string, line: number): void {
  for (const [found] of text.matchAll(
    /\{%[^%]*%\}|\{\{(?!user\}|seat\}|fact:)[^}]*\}\}|\{[a-z]+(?::[a-z]+)?\}(?=$)|\$\$|:(?:material|octicons|fontawesome|simple)-[\w-]+:/g,
  ))
    builder.leave(line, `${found === '$$' ? 'a formula' : 'a template'}: ${found}`, 'text as it stands');
}

const isElsewhere = (url: string) => /^(?:https?:\/\/|mailto:)/i.test(url);

function linkEdit(
  prose: Prose,
  url: string,
  source: string,
  words: string,
  line: number,
  edit: (text: string) => Edit[],
): Edit[] {
  if (isElsewhere(url)) return [];
  prose.builder.leave(line, `a link to ${url}`, `its text alone: ${words}`);
  return edit(source.slice(1, source.lastIndexOf('](')) || words);
}

/** Kept as a file beside the lesson, where it can be had. */
export function picture(prose: Prose, url: string, alt: string, line: number): string {
  const { builder, attachments } = prose;
  const words =
    alt.trim() === '' ? 'TODO review: say what this picture shows' : alt.trim().replace(/[[\]]/g, '');
  if (alt.trim() === '')
    builder.leave(line, `a picture without words: ${url.slice(0, 80)}`, 'words to be written');
  if (isElsewhere(url)) {
    builder.leave(line, `a picture elsewhere: ${url}`, 'its address; keep a copy in images/');
    return `![${words}](${url})`;
  }
  const content = attachments?.get(url.replace(/^attachment:/, '')) ?? localPicture(prose, url);
  if (content === null) {
    builder.leave(line, `a picture that is not there: ${url.slice(0, 80)}`, `its words alone: ${words}`);
    return `*${words}*`;
  }
  return `![${words}](./${keep(builder, basename(url.replace(/^attachment:/, '').split(/[?#]/)[0] ?? 'picture'), content)})`;
}

/** Only pictures, and only below the folder that was named: `../` and links out of it bring nothing. */
function localPicture({ source, top }: Prose, url: string): Uint8Array | null {
  const path = url.split(/[?#]/)[0] ?? '';
  if (!/\.(?:png|jpe?g|gif|svg|webp|avif)$/i.test(path)) return null;
  const candidates = [resolve(dirname(source), path), join(top, path), join(top, 'episodes', path)];
  const found = candidates.find((each) => isBelow(each, top));
  return found === undefined ? null : readFileSync(found);
}

/** A regular file in the folder, also after every link in its way is followed. */
export function isBelow(file: string, folder: string): boolean {
  if (!existsSync(file) || !statSync(file).isFile()) return false;
  return realpathSync(file).startsWith(realpathSync(folder) + sep);
}

/** @returns where it was put: a second picture of one name gets a number */
export function keep(builder: LessonBuilder, name: string, content: Uint8Array): string {
  const plain = name.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^\.+/, '');
  const [stem, end] = [plain.slice(0, plain.length - extname(plain).length) || 'picture', extname(plain)];
  for (let number = 1; ; number++) {
    const path = `images/${stem}${number === 1 ? '' : `-${number}`}${end}`;
    const there = builder.files.get(path);
    if (there !== undefined && !Buffer.from(there).equals(content)) continue;
    builder.files.set(path, content);
    return path;
  }
}

const ACTIVE =
  /<(script|style|iframe|object|embed|form|svg|link|meta|base|template)\b[^]*?(?:<\/\1\s*>|$)|<\/?(?:script|style|iframe|object|embed|form|input|button|svg|link|meta|base|template)\b[^>]*>?/gi;

/** HTML that only formats stays; what runs, loads or posts is taken out and listed. */
function safeHtml(prose: Prose, html: string, line: number): string {
  const without = html.replace(ACTIVE, (found) => {
    prose.builder.leave(
      line,
      `HTML that a lesson cannot hold: ${found.slice(0, 60).replace(/\s+/g, ' ')}`,
      'nothing',
    );
    return '';
  });
  const pictures = without.replace(/<img\b[^>]*>/gi, (tag) => {
    const of = (name: string) =>
      new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s>]+))`, 'i')
        .exec(tag)
        ?.slice(1)
        .find((each) => each !== undefined);
    return picture(prose, of('src') ?? '', of('alt') ?? '', line);
  });
  // an attribute is a handler or an address that runs: the whole tag goes, its text stays
  return pictures.replace(
    /<[a-z/][^>]*(?:\son\w+\s*=|(?:javascript|data|vbscript)\s*:|\sstyle\s*=)[^>]*>?/gi,
    (tag) => {
      prose.builder.leave(line, `an HTML tag that can do something: ${tag.slice(0, 60)}`, 'its text alone');
      return '';
    },
  );
}

/** The title, and by how much headings move: the highest that is left becomes a step. */
export function outline(
  roots: readonly Root[],
  fallback: string,
): { title: string; titled: Heading | null; shift: number } {
  const headings = roots.flatMap((root) => root.children).filter((node) => node.type === 'heading');
  const [first, ...rest] = headings;
  const titled = first?.depth === 1 ? first : null;
  const below = (titled === null ? headings : rest).map(({ depth }) => depth);
  const title =
    titled === null
      ? fallback
      : toString(titled)
          .replace(/\s*\{[:#.][^}]*\}\s*$/, '')
          .trim();
  return { title: title || fallback, titled, shift: below.length === 0 ? 0 : 2 - Math.min(...below) };
}
