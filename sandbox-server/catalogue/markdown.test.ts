import { describe, expect, it } from 'vitest';
import { parseMarkdown, parsingOnce } from './markdown.ts';

describe('trees of Markdown', () => {
  it('are parsed once a text within one work, and forgotten with its end', async () => {
    const [first, again, other] = await parsingOnce(async () => {
      const one = parseMarkdown('## A');
      await Promise.resolve();
      return [one, parseMarkdown('## A'), parseMarkdown('## B')];
    });
    expect(again).toBe(first);
    expect(other).not.toBe(first);
    expect(parseMarkdown('## A')).not.toBe(first);
    expect(parseMarkdown('## A')).toEqual(first);
  });
  it('are each their own where nobody remembers, and where two works run side by side', async () => {
    expect(parseMarkdown('x')).not.toBe(parseMarkdown('x'));
    const work = () => parsingOnce(() => Promise.resolve(parseMarkdown('x')));
    const [one, two] = await Promise.all([work(), work()]);
    expect(one).not.toBe(two);
  });
});
