import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createMarkdownProcessor } from '@astrojs/markdown-remark';
import type { MarkdownRenderer } from '@astrojs/markdown-remark';
import remarkDirective from 'remark-directive';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { splitFrontMatter } from './markdown.ts';
import { CourseError } from './mistakes.ts';
import { lessonPage } from './page.ts';

const LESSON = `---
title: A lake
minutes: 5
---
Your dataset \`user.{{user}}:lab.v1\` has one copy: user.st07:lab.v1, at 12:30.

\`\`\`bash setup
echo SECRET-setup
\`\`\`

## Look first
<!-- step: look -->
<!-- SECRET-comment -->

Rule {{fact:rule}} of {{user}}.

\`\`\`bash run terminal=watch until="test -f x"
rucio rule show {{fact:rule}}
\`\`\`

\`\`\`text output
it is OK
\`\`\`

:::question[How many *rules*?]
Think of {{user}}.
- [ ] One
  SECRET-why
- [x] Two \`{{user}}\`
- [ ] Three

  SECRET-why-too
:::

## Only text

Nothing to do.

\`\`\`python title="shown.py" {1}
print(1)
\`\`\`

## Do it

\`\`\`bash run example
rucio rule add DID
\`\`\`

- a list
  \`\`\`python edit file=analysis.py at="# here"
  x = "{{user}}"
  \`\`\`

\`\`\`bash check timeout=20s
echo SECRET-check
\`\`\`

\`\`\`bash solution
echo SECRET-solution
\`\`\`

\`\`\`bash wrong hint=late
echo SECRET-wrong
\`\`\`

\`\`\`bash undo
echo SECRET-undo
\`\`\`

:::hint[It never *ends*]{#late after=2}
Update {{fact:rule}}.

\`\`\`bash when
echo SECRET-when
\`\`\`
:::

:::question[What is it called?]
\`\`\`bash answer
echo SECRET-answer
\`\`\`
:::

\`\`\`bash ready
echo SECRET-ready
\`\`\`

\`\`\`bash cleanup
echo SECRET-cleanup
\`\`\`

\`\`\`bash run stop=watch
\`\`\`

\`\`\`bash run fails
false
\`\`\`

\`\`\`python no-run why="SECRET-no: a sketch"
sketch()
\`\`\`
`;

const ITALIAN = `---
title: Un lago
---
## Guarda prima

\`\`\`bash run terminal=watch until="test -f x"
rucio rule show {{fact:rule}}
\`\`\`

## Solo testo

## Fallo

\`\`\`python edit file=analysis.py at="# here"
x = "{{user}}"
\`\`\`
`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'page-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let processor: MarkdownRenderer;
beforeAll(async () => {
  processor = await createMarkdownProcessor({
    remarkPlugins: [[lessonPage as never, { courses: folder }], remarkDirective as never],
    syntaxHighlight: false,
  });
});

async function render(path: string, source: string): Promise<string> {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, source);
  const { markdown } = splitFrontMatter(source);
  return (await processor.render(markdown.trimStart(), { fileURL: pathToFileURL(file) })).code;
}

describe('the static page of a lesson', () => {
  let html: string;
  beforeAll(async () => {
    html = await render('lake/1-look/lesson.md', LESSON);
  });

  it('holds nothing of checks, solutions, setups, wrongs, undos, answers, comments or reasons', () => {
    expect(LESSON.match(/SECRET/g)).toHaveLength(13);
    expect(html).not.toContain('SECRET');
    expect(html).not.toMatch(/checked|\[x\]|solution|no-run/);
  });

  it('wraps each step, and only steps, in a section that names it', () => {
    expect(html.match(/<section[^>]*>/g)).toEqual([
      '<section class="step" data-step="look">',
      '<section class="step" data-step="do-it">',
    ]);
    expect(html).toContain('<h2 id="look">Look first</h2>');
    expect(html).toContain('<h2 id="only-text">Only text</h2>');
    expect(html.indexOf('</section>')).toBeLessThan(html.indexOf('only-text'));
  });

  it('marks what can be done with its id and options', () => {
    expect(html).toMatch(
      /<figure class="fence" data-kind="run" data-line="17" data-action="run-1" data-terminal="watch" data-stays=""><pre><code class="language-bash">rucio rule show ⟦fact:rule⟧/,
    );
    expect(html).toMatch(/<figure class="fence" data-kind="run" data-line="\d+" data-example=""><pre>/);
    expect(html).toMatch(
      /<li>a list\s*<figure class="fence" data-kind="edit" data-line="\d+" data-action="edit-1" data-file="analysis.py" data-at="# here"><pre><code class="language-python">x = "⟦user⟧"/,
    );
    expect(html).toMatch(/data-action="run-2" data-stop="watch"/);
    expect(html).toMatch(/data-action="run-3" data-fails=""/);
    expect(html).toMatch(
      /<figure class="fence" data-kind="output"[^>]*><pre><code class="language-text">it is OK/,
    );
    expect(html).toContain('sketch()');
  });

  it('shows blanks as labelled blanks, and a single colon as text', () => {
    expect(html).toContain(
      'Rule <span class="blank" data-blank="fact:rule">rule</span> of <span class="blank" data-blank="user">user</span>.',
    );
    expect(html).toContain(
      '<code dir="auto">user.<span class="blank" data-blank="user">user</span>:lab.v1</code>',
    );
    expect(html).toContain('user.st07:lab.v1, at 12:30.');
  });

  it('makes hints and questions that the page can find', () => {
    expect(html).toMatch(
      /<details class="hint" data-hint="late"><summary>It never <em>ends<\/em><\/summary><p>Update <span class="blank"/,
    );
    expect(html).toMatch(
      /<fieldset class="question" data-question="question-1" data-kind="choice"><legend>How many <em>rules<\/em>\?<\/legend>/,
    );
    expect(html.match(/<input type="radio" name="question-1" value="\d">/g)).toHaveLength(3);
    expect(html).toMatch(/<label><input type="radio" name="question-1" value="0"> One<\/label>/);
    expect(html).toMatch(
      /data-kind="answer"><legend id="question-2-asks">What is it called\?<\/legend><input type="text" name="question-2"[^>]* aria-labelledby="question-2-asks"/,
    );
  });

  it('leaves other pages alone', async () => {
    expect(await render('elsewhere.md', '## A\n\n```bash solution\nx\n```\n')).toContain(
      '<code class="language-bash">x',
    );
  });

  it('gives a translated page the English ids', async () => {
    const italian = await render('lake/1-look/lesson.it.md', ITALIAN);
    expect(italian.match(/data-step="[^"]*"/g)).toEqual(['data-step="look"', 'data-step="do-it"']);
    expect(italian).toContain('<h2 id="do-it">Fallo</h2>');
  });

  it('gives a question whose answer only the English page has a field to type into', async () => {
    const asked = `${ITALIAN}\n:::question[Come si chiama?]\n:::\n`;
    const italian = await render('lake/1-look/lesson.it.md', asked);
    expect(italian).toContain(
      'data-kind="answer"><legend id="question-1-asks">Come si chiama?</legend><input type="text"',
    );
  });

  it('stops the build at a mistake, with the line of the file', async () => {
    const wrong = LESSON.replace('bash check timeout=20s', 'bash chekc');
    const line = wrong.split('\n').findIndex((each) => each.includes('chekc')) + 1;
    const failure: unknown = await render('lake/1-look/lesson.md', wrong).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(CourseError);
    expect((failure as CourseError).mistakes).toMatchObject([
      { file: 'lake/1-look/lesson.md', line, received: 'chekc' },
    ]);
  });

  it('holds no secret wherever its fences stand', async () => {
    const kinds = [
      'check',
      'solution',
      'setup',
      'wrong',
      'undo',
      'ready',
      'cleanup',
      'check waits=5s already="why"',
    ];
    const secret = fc.constantFrom(...kinds).map((kind) => ['```bash ' + kind, 'echo SECRET', '```']);
    const around = fc.constantFrom(
      (lines: string[]) => lines,
      (lines: string[]) => lines.map((line) => `> ${line}`),
      (lines: string[]) => ['- item', '', ...lines.map((line) => `  ${line}`)],
      (lines: string[]) => [':::note[T]', ...lines, ':::'],
      (lines: string[]) => ['1. one', '', ...lines.map((line) => `   > ${line}`)],
    );
    const piece = fc.tuple(around, secret).map(([wrap, lines]) => wrap(lines).join('\n'));
    const body = fc.array(piece, { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(body, async (pieces) => {
        const text = `---\ntitle: T\nminutes: 1\n---\n## A\n\n\`\`\`bash run\ntrue\n\`\`\`\n\n${pieces.join('\n\n')}\n`;
        expect(await render('lake/9-any/lesson.md', text)).not.toContain('SECRET');
      }),
      { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) },
    );
  }, 120_000);
});
