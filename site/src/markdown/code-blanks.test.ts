import { createMarkdownProcessor } from '@astrojs/markdown-remark';
import { describe, expect, it } from 'vitest';
import { codeBlanks, type Node, type Parent } from './code-blanks.ts';

const span = (name: string, shown = name): Node => ({
  type: 'element',
  tagName: 'span',
  properties: { className: ['blank'], dataBlank: name },
  children: [{ type: 'text', value: shown }],
});
const text = (value: string): Node => ({ type: 'text', value });

function filled(...children: Node[]): Node[] {
  const tree: Parent = { type: 'root', children };
  codeBlanks()(tree);
  return tree.children;
}

describe('blanks in code', () => {
  it('become spans that the lab can find, between the text that stands around them', () => {
    expect(filled(text('ls ⟦user⟧/x'))).toEqual([text('ls '), span('user'), text('/x')]);
  });
  it('may follow one another and stand at both ends', () => {
    expect(filled(text('⟦user⟧⟦seat⟧'))).toEqual([span('user'), span('seat')]);
  });
  it('name a fact, and show its name alone', () => {
    expect(filled(text('show ⟦fact:rule-2⟧'))).toEqual([text('show '), span('fact:rule-2', 'rule-2')]);
  });
  it('are found in every text, however deep', () => {
    const deep: Node = {
      type: 'element',
      tagName: 'pre',
      children: [{ type: 'element', tagName: 'code', children: [text('⟦user⟧')] }],
    };
    expect(JSON.stringify(filled(text('⟦user⟧'), deep, text('⟦user⟧'))).match(/dataBlank/g)).toHaveLength(3);
  });
  it.each(['a ⟦ b', '⟦User⟧', '⟦⟧', '⟦a b⟧', 'x[[user]]', '⟦"><script>⟧'])(
    'leaves %j as it stands',
    (value) => {
      expect(filled(text(value))).toEqual([text(value)]);
    },
  );
  it('survive the highlighter, in every place a shell command may hold one', async () => {
    const processor = await createMarkdownProcessor({
      rehypePlugins: [codeBlanks],
      shikiConfig: { theme: 'css-variables' },
    });
    const code =
      'rucio add "user.⟦user⟧:x" \'⟦seat⟧\' ⟦fact:rule⟧ --of=⟦user⟧ # ⟦user⟧\necho $(show ⟦fact:a_b⟧)';
    const { code: html } = await processor.render(`\`\`\`bash\n${code}\n\`\`\`\n`);
    expect(html.match(/<span class="blank" data-blank="[^"]+">/g)).toHaveLength(6);
    expect(html).not.toContain('⟦');
  });
});
