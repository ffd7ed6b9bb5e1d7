/** Pictures say what they show; headings go down one level at a time. Pure. */
import { toString } from 'mdast-util-to-string';
import type { Html, Image, ImageReference } from 'mdast';
import type { Finding } from './finding.ts';
import { finding, lineOf, nodesOf } from './page.ts';
import type { Page } from './page.ts';

export function altFindings(page: Page): Finding[] {
  return [...nodesOf(page.root)].flatMap((node) => {
    if (node.type === 'image' || node.type === 'imageReference') return pictureFindings(page, node);
    return node.type === 'html' ? htmlFindings(page, node) : [];
  });
}

function pictureFindings(page: Page, node: Image | ImageReference): Finding[] {
  const received = node.type === 'image' ? node.url : node.identifier;
  return saysSomething(node.alt ?? '', received) ? [] : [silent(page, lineOf(node), received)];
}

/** A file's name is no description. */
const saysSomething = (alt: string, url: string) =>
  alt.trim() !== '' && alt.trim() !== url && !/^[\w.-]+\.(?:png|jpe?g|gif|svg|webp)$/i.test(alt.trim());

function htmlFindings(page: Page, node: Html): Finding[] {
  const pictures = [...node.value.matchAll(/<img\b[^>]*>/gi)];
  return pictures
    .filter(([tag]) => !/\salt=(?:"[^"]|'[^']|[^\s"'>])/i.test(tag))
    .filter(([tag]) => !/\salt=(?:""|'')/i.test(tag) || !/\srole=["']?presentation/i.test(tag))
    .map(({ 0: tag, index }) => silent(page, lineOf(node) + linesIn(node.value.slice(0, index)), tag));
}
const linesIn = (text: string) => text.split('\n').length - 1;

const silent = (page: Page, line: number, received: string): Finding =>
  finding(
    'alt-text',
    { file: page.file, line },
    {
      message: 'This picture has no words for those who do not see it.',
      expected: '![what it shows](address)',
      received,
    },
  );

/** A page's own title is level 1, whether it stands in the front matter or not. */
export function headingFindings(page: Page): Finding[] {
  const headings = page.root.children.filter((node) => node.type === 'heading');
  return headings.flatMap((heading, index) => {
    const before = headings[index - 1]?.depth ?? 1;
    if (heading.depth <= before + 1) return [];
    return [
      finding(
        'heading-order',
        { file: page.file, line: lineOf(heading) },
        {
          message: 'This heading leaves out a level.',
          expected: `${'#'.repeat(before + 1)} or higher`,
          received: `${'#'.repeat(heading.depth)} ${toString(heading)}`,
        },
      ),
    ];
  });
}
