/** What is written for contributors: links lead somewhere, mistakes in lessons point at headings that exist, each verb is told of. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { READ } from '../sandbox-server/catalogue/mistakes.ts';

const root = resolve(import.meta.dirname, '..');
const pages = [
  'README.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).map((name) => join('docs', name)),
].filter((name) => name.endsWith('.md'));

/** As Git hosts make them of a heading. */
function anchorsOf(page: string): Set<string> {
  const headings = readFileSync(join(root, page), 'utf8').matchAll(/^#{1,6} (.+)$/gm);
  return new Set(
    [...headings].map(([, title]) =>
      (title ?? '')
        .toLowerCase()
        .replace(/[^\p{L}\p{N} -]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

function linksOf(page: string): string[] {
  const text = readFileSync(join(root, page), 'utf8').replace(/^(`{3,})[^]*?^\1$/gm, '');
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link]) => link ?? '')
    .filter((link) => !/^[a-z]+:/.test(link));
}

function broken(page: string): string[] {
  return linksOf(page).filter((link) => {
    const [path = '', anchor] = link.split('#');
    const target = path === '' ? page : join(dirname(page), path);
    return !existsSync(join(root, target)) || (anchor !== undefined && !anchorsOf(target).has(anchor));
  });
}

const GUIDES = 'site/src/content/docs/guides';
const said = [...pages, ...readdirSync(join(root, GUIDES)).map((name) => join(GUIDES, name))]
  .map((page) => readFileSync(join(root, page), 'utf8'))
  .join('\n');
const helpOf = (...words: string[]): string =>
  execFileSync(process.execPath, [join(root, 'sandbox-server/cli/palestra.ts'), ...words, '--help'], {
    encoding: 'utf8',
  });
const verbs = [
  ...(helpOf()
    .split('Commands:')[1]
    ?.matchAll(/^ {2}([a-z-]+)/gm) ?? []),
]
  .map(([, verb]) => verb ?? '')
  .filter((verb) => verb !== 'help');
const switchesOf = (verb: string): string[] =>
  [...helpOf(verb).matchAll(/^ {2}(--[a-z]+)/gm)].map(([, name]) => name ?? '');

describe('the command', () => {
  it('has no verb that is told of nowhere', () => {
    expect(verbs).toEqual(expect.arrayContaining(['prove', 'lint', 'new', 'import']));
    const tells = (verb: string) => new RegExp(`(?:palestra|npm|npm run) ${verb}\\b`).test(said);
    expect(verbs.filter((verb) => !tells(verb))).toEqual([]);
  });
  it.each(['prove', 'lint'])('%s has no switch that is told of nowhere', (verb) => {
    const switches = switchesOf(verb);
    expect(switches.length).toBeGreaterThan(2);
    expect(switches.filter((name) => !said.includes(name))).toEqual([]);
  });
});

describe('the documents', () => {
  it('are there', () => {
    expect(pages).toEqual(
      expect.arrayContaining([
        'README.md',
        'docs/architecture.md',
        'docs/contributing.md',
        'docs/operating.md',
        'docs/course-format.md',
      ]),
    );
  });
  it.each(pages)('%s links only to what exists', (page) => {
    expect(broken(page)).toEqual([]);
  });
  it.each(Object.values(READ))('%s, which a mistake in a lesson points at, exists', (place) => {
    const [page = '', anchor = ''] = place.split('#');
    expect([...anchorsOf(page)]).toContain(anchor);
  });
  it('the README has a picture below 300 kB', () => {
    const bytes = readFileSync(join(root, 'docs/images/lab.png'));
    expect(bytes.subarray(1, 4).toString()).toBe('PNG');
    expect(bytes.length).toBeLessThan(300_000);
  });
});
