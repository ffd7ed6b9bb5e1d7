import { describe, expect, it } from 'vitest';
import type { Root } from 'hast';
import { toHtml } from 'hast-util-to-html';
import { codeBlanks } from './code-blanks.ts';

function html(...texts: string[]): string {
  const tree: Root = { type: 'root', children: texts.map((value) => ({ type: 'text', value })) };
  codeBlanks()(tree);
  return toHtml(tree);
}

describe('blanks in code', () => {
  it('become spans that the lab can find, between the text that stands around them', () => {
    expect(html('ls ⟦user⟧/x')).toBe('ls <span class="blank" data-blank="user">user</span>/x');
  });
  it('may follow one another and stand at both ends', () => {
    expect(html('⟦user⟧⟦seat⟧')).toBe(
      '<span class="blank" data-blank="user">user</span><span class="blank" data-blank="seat">seat</span>',
    );
  });
  it('name a fact, and show its name alone', () => {
    expect(html('show ⟦fact:rule-2⟧')).toBe(
      'show <span class="blank" data-blank="fact:rule-2">rule-2</span>',
    );
  });
  it('in later texts are found too', () => {
    expect(html('⟦user⟧', 'a', '⟦user⟧').match(/data-blank/g)).toHaveLength(2);
  });
  it.each(['a ⟦ b', '⟦User⟧', '⟦⟧', '⟦a b⟧', 'x[[user]]', '⟦"><script>⟧'])(
    'leaves %j as it stands',
    (text) => {
      expect(html(text)).not.toContain('data-blank');
    },
  );
});
