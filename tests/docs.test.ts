/** The Markdown for contributors: its links lead somewhere, and mistakes in lessons point at headings that exist. */
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
