/** Code blocks: languages that the site knows, machines of one person, shortcuts, placeholders. Pure. */
import { bundledLanguages } from 'shiki/langs';
import type { LessonFence } from '../../catalogue/fences.ts';
import type { Finding } from './finding.ts';
import { fencesOf, finding, lineOf, nodesOf } from './page.ts';
import type { Page } from './page.ts';
import type { RuleId } from './rules.ts';

/** What the highlighter shows as it is. */
const PLAIN: ReadonlySet<string> = new Set(['', 'text', 'txt', 'plain', 'plaintext', 'ansi']);

export function languageFindings(page: Page): Finding[] {
  const blocks = [...nodesOf(page.root)].filter((node) => node.type === 'code');
  return blocks
    .filter(({ lang }) => !PLAIN.has(lang ?? '') && !Object.hasOwn(bundledLanguages, lang ?? ''))
    .map((block) =>
      finding(
        'unknown-language',
        { file: page.file, line: lineOf(block) },
        {
          message: 'The site does not highlight this language.',
          expected: `a language of Shiki${nearest(block.lang ?? '')}, or text`,
          received: block.lang ?? '',
        },
      ),
    );
}

/** A slip of case is the usual one. */
function nearest(lang: string): string {
  const lower = lang.toLowerCase();
  return Object.hasOwn(bundledLanguages, lower) ? `, such as ${lower}` : '';
}

interface Pattern {
  readonly rule: RuleId;
  readonly pattern: RegExp;
  readonly message: string;
  readonly expected: string;
}

// each is looked for in one line; none can backtrack over more than a word
const PATTERNS: readonly Pattern[] = [
  {
    rule: 'one-machine',
    pattern:
      /(?<![\w.$}])(?:\/home|\/Users|\/afs|\/eos\/home-\w|\/eos\/user\/\w)\/(?!\{\{user)[A-Za-z0-9_.-]+/,
    message: 'This names the home folder of one person.',
    expected: '~ or $HOME, or {{user}} in the path',
  },
  {
    rule: 'one-machine',
    pattern: /(?<![\w.$}/])\/root\/[\w.-]+/,
    message: "This names the administrator's home folder.",
    expected: '~ or $HOME',
  },
  {
    rule: 'one-machine',
    pattern: /\/tmp\/x509up_u\d+/,
    message: "This names one person's proxy.",
    expected: '$X509_USER_PROXY, or a token',
  },
  {
    rule: 'one-machine',
    pattern: /\b(?:ssh|scp|sftp|rsync)\s(?:[^|;&]*\s)?[a-z_][\w-]*@[\w-]+(?:\.[\w-]+)*/i,
    message: 'This signs in as one person at one machine.',
    expected: 'USER@HOST in an example, or a service that the lesson needs',
  },
  {
    rule: 'one-machine',
    pattern:
      /\b(?:https?|root|roots|davs?|gsiftp|ftp|ssh|tcp|tls):\/\/(?![^\s/]*(?:\{\{|\$|%))([^\s/'"`:@,;)}\]]+)/i,
    message: 'This names one host.',
    expected: 'a variable of the environment, a service of the lesson, or an example host',
  },
  {
    rule: 'insecure',
    pattern:
      /\bcurl\b[^|;]*\s(?:-[a-zA-Z]*k[a-zA-Z]*|--insecure)(?=\s|$)|--no-check-certificate\b|\bverify\s*=\s*False\b|(?<=\s)--insecure(?=\s|$)|StrictHostKeyChecking[= ]no|\bchmod\s(?:-R\s)?777\b/,
    message: 'This switches security off.',
    expected: 'the authority that signs the certificate, or the rights that are needed',
  },
];

/** Hosts that mean the same everywhere, or nobody's (RFC 2606, RFC 6761), and those of services in sandboxes. */
const EVERYWHERE =
  /^(?:localhost|127(?:\.\d+){3}|0\.0\.0\.0|\[?::1?\]?|[A-Z_]+|HOST\S*)$|(?:^|\.)(?:localhost|test|example|invalid|example\.(?:com|org|net))$/;

/** Only lessons and their translations: guides for operators name hosts for good reasons. */
export function machineFindings(page: Page): Finding[] {
  return fencesOf(page)
    .filter(({ kind }) => kind !== 'output')
    .flatMap((fence) => linesOf(fence).flatMap((line) => lineFindings(line)));
}

interface Line {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}
const linesOf = ({ code, place }: LessonFence): Line[] =>
  code.split('\n').map((text, index) => ({ file: place.file, line: place.line + 1 + index, text }));

function lineFindings(line: Line): Finding[] {
  return PATTERNS.flatMap(({ rule, pattern, message, expected }) => {
    const found = pattern.exec(line.text);
    if (found === null || (found[1] !== undefined && EVERYWHERE.test(found[1]))) return [];
    return [finding(rule, line, { message, expected, received: found[0] })];
  });
}

const LOOKS_RUNNABLE: readonly RegExp[] = [
  /<[a-zA-Z][\w -]{0,40}>/,
  /\b(?:your|my)[-_][a-z][\w-]*/i,
  /\b(?:foo|foobar|xxx+|dummy|changeme|replaceme)\b/i,
  /(?<=\s)\.\.\.(?=\s|$)/,
];
/** In a command that runs, these are never meant. */
const NEVER_RUN: readonly RegExp[] = [
  /<[a-zA-Z][\w]*(?:[ -][\w]+)*>(?=\s|$)/,
  /\b(?:YOUR|MY)_[A-Z][A-Z_]*\b(?!=)/,
];

const SHELL: ReadonlySet<string> = new Set(['bash', 'sh']);

export function placeholderFindings(page: Page): Finding[] {
  const shell = fencesOf(page).filter(({ lang }) => SHELL.has(lang));
  return shell.flatMap((fence) => {
    if (fence.kind === 'example')
      return placeholders(fence, LOOKS_RUNNABLE, 'It looks as if it could be run.');
    if (fence.kind !== 'run') return [];
    return placeholders(fence, NEVER_RUN, 'It would be run as it stands.');
  });
}

function placeholders(fence: LessonFence, patterns: readonly RegExp[], what: string): Finding[] {
  return linesOf(fence).flatMap((line) => {
    const commands = line.text.replace(/(?:^|\s)#.*$/, '');
    if (/\$\{?(?:YOUR|MY)_/.test(commands)) return [];
    const found = patterns.map((pattern) => pattern.exec(commands)?.[0]).find((each) => each !== undefined);
    if (found === undefined) return [];
    const said = {
      message: `This placeholder is not written as one. ${what}`,
      expected: 'CAPITALS, such as DID or NAME, in a `run example`',
      received: found,
    };
    return [finding('placeholder', line, said)];
  });
}

/** What `palestra import` left for a person to look at. */
export function draftFindings(page: Page): Finding[] {
  return page.markdown.split('\n').flatMap((text, index) =>
    /\bTODO review\b/.test(text)
      ? [
          finding(
            'draft',
            { file: page.file, line: index + 1 },
            {
              message: 'A draft waits for review.',
              expected: 'the real thing, without TODO review',
              received: text.trim(),
            },
          ),
        ]
      : [],
  );
}
