import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadCatalogue } from '../../catalogue/load.ts';
import type { Course } from '../../contract/lesson.ts';
import { parseMarkdown } from '../../catalogue/markdown.ts';
import { describeForIndico, describeInMarkdown } from './describe.ts';

const { courses } = await loadCatalogue(join(import.meta.dirname, '../../../courses'));
const dask = courses.find(({ id }) => id === 'dask') ?? expect.fail();

describe('a course for an event’s page', () => {
  it('says for whom, how long, what to bring, and each lesson with what one learns', () => {
    const html = describeForIndico(dask, 'https://palestra.example/courses/dask/');
    expect(html).toContain(`${dask.lessons.length} lessons, `);
    for (const lesson of dask.lessons)
      expect(html).toContain(`<strong>${lesson.title}</strong> (${lesson.minutes} min)`);
    expect(html).toContain('Turn plain functions into tasks with <code>delayed</code>');
    expect(html).toContain('<a href="https://palestra.example/courses/dask/">The course</a>');
  });

  it('is HTML of elements that Indico keeps, closed in their order, without attributes but an address', () => {
    for (const course of courses) {
      const open: string[] = [];
      for (const [, end, name, rest] of describeForIndico(course, 'https://x.example/').matchAll(
        /<(\/?)(\w+)([^>]*)>/g,
      )) {
        expect(['p', 'strong', 'ol', 'ul', 'li', 'code', 'a']).toContain(name);
        expect(rest).toMatch(name === 'a' && end === '' ? /^ href="[^"]+"$/ : /^$/);
        if (end === '') open.push(name ?? '');
        else expect(open.pop()).toBe(name);
      }
      expect(open).toEqual([]);
    }
  });

  it('lets no text of a course become an element', () => {
    const odd: Course = { ...dask, summary: '<img src=x onerror=alert(1)> & "more"' };
    expect(describeForIndico(odd, null)).toContain(
      '&lt;img src=x onerror=alert(1)&gt; &amp; &quot;more&quot;',
    );
  });

  it('is Markdown with one list of all lessons', () => {
    const lists = parseMarkdown(describeInMarkdown(dask, null)).children.filter(
      (node) => node.type === 'list',
    );
    expect(lists.map((list) => list.children.length)).toEqual([dask.lessons.length]);
  });
});
