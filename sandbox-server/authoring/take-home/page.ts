/** A lesson as one page of HTML that needs nothing beside it: no network, no server, no font. */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createMarkdownProcessor } from '@astrojs/markdown-remark';
import type { ElementContent } from 'hast';
import remarkDirective from 'remark-directive';
import { splitFrontMatter } from '../../catalogue/markdown.ts';
import { lessonPage } from '../../catalogue/page.ts';
import type { Course, Lesson, Step } from '../../contract/lesson.ts';
import { escaped, lineOf } from '../html.ts';
import { asides, atHome, element, type AtHome } from './blocks.ts';

export interface PageOptions {
  readonly course: Course;
  readonly lesson: Lesson;
  readonly solutions: boolean;
  /** the checkout, whose look the page has */
  readonly root: string;
}

export async function lessonPageFor({ course, lesson, solutions, root }: PageOptions): Promise<string> {
  const file = join(lesson.folder, 'lesson.md');
  const { markdown } = splitFrontMatter(await readFile(file, 'utf8'));
  const foots = Object.fromEntries(lesson.steps.map((step) => [step.id, footOf(step, solutions)]));
  const renderer = await createMarkdownProcessor({
    smartypants: false,
    remarkPlugins: [remarkDirective, [lessonPage, { courses: dirname(dirname(lesson.folder)) }], asides],
    rehypePlugins: [[atHome, { foots, folder: lesson.folder } satisfies AtHome]],
    syntaxHighlight: 'shiki',
    shikiConfig: { theme: 'css-variables' },
  });
  const { code } = await renderer.render(markdown, { fileURL: pathToFileURL(file) });
  return whole({ course, lesson, body: filled(code), style: await styleOf(root) });
}

function footOf(step: Step, solutions: boolean): ElementContent[] {
  const lines: ElementContent[] = [];
  if (step.checks.length > 0)
    lines.push(element('p', ['Done? ', element('code', [`check ${step.id}`])], 'check'));
  if (step.questions.length > 0)
    lines.push(element('p', ['Your answer: ', element('code', [`check ${step.id} --answer …`])], 'check'));
  if (!solutions || step.solutions.length === 0) return lines;
  const code = step.solutions.map((solution) =>
    element('pre', [element('code', [solution.code])], 'astro-code'),
  );
  return [...lines, element('details', [element('summary', ['A solution']), ...code], 'hint')];
}

/** At home there is one learner, of one name; facts are what `check` noted. */
function filled(html: string): string {
  return html
    .replace(/<span class="blank" data-blank="user">user<\/span>|⟦user⟧/g, 'learner')
    .replace(/⟦(?:fact:)?([\w-]+)⟧/g, '<span class="blank">$1</span>')
    .replaceAll('/opt/kit', '$KIT');
}

/** The site's own colours and lesson, then what stands around them. */
async function styleOf(root: string): Promise<string> {
  const look = join(root, 'site/src/look');
  const files = [join(look, 'tokens.css'), join(look, 'lesson.css'), join(import.meta.dirname, 'page.css')];
  return (await Promise.all(files.map((file) => readFile(file, 'utf8')))).join('\n');
}

const DARK = `const dark=matchMedia('(prefers-color-scheme: dark)');const show=()=>document.documentElement.dataset.theme=dark.matches?'dark':'light';show();dark.addEventListener('change',show)`;

const box = (title: string, lines: readonly string[]): string =>
  lines.length === 0
    ? ''
    : `<div><h2>${title}</h2><ul>${lines.map((each) => `<li>${lineOf(each)}</li>`).join('')}</ul></div>`;

interface Whole {
  readonly course: Course;
  readonly lesson: Lesson;
  readonly body: string;
  readonly style: string;
}

function whole({ course, lesson, body, style }: Whole): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(lesson.title)}</title>
<style>
${style}</style>
<script>${DARK}</script>
</head>
<body>
<main>
<p class="meta-line">${escaped(course.title)} · ${lesson.minutes} min · kit ${escaped(lesson.needs.kit)}</p>
<h1>${lineOf(lesson.title)}</h1>
<div class="aims">${box('Questions', lesson.questions)}${box('You will be able to', lesson.objectives)}</div>
<div class="lesson">
${body}
</div>
${lesson.keypoints.length === 0 ? '' : `<div class="points">${box('Key points', lesson.keypoints)}</div>`}
<footer>By ${escaped(course.authors.join(', '))}. ${escaped(course.licence)}.</footer>
</main>
</body>
</html>
`;
}
