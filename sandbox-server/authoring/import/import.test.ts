/** Small sources of each kind, written for these tests: what becomes of them, and what is listed. */
import { mkdir, mkdtemp, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { lint } from '../lint/lint.ts';
import { importInto } from './import.ts';
import { fromPage } from './page.ts';
import { segmentsOf } from './segments.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'palestra-import-'));
});
afterEach(() => rm(root, { recursive: true }));

async function put(path: string, content: string | Uint8Array): Promise<string> {
  const file = join(root, 'src', path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
  return file;
}
async function imported(path: string) {
  const made = await importInto({ root, path, course: 'c' });
  const text = await readFile(join(root, 'courses', made.id, 'lesson.md'), 'utf8');
  const errors = (await lint({ root, paths: [] })).findings.filter(({ level }) => level === 'error');
  return { ...made, text, errors, left: made.left.map(({ line, what }) => `${line}: ${what}`) };
}
const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const markdown = (source: string, more = {}) => ({ cell_type: 'markdown', metadata: {}, source, ...more });
const code = (source: string, outputs: unknown[] = []) => ({
  cell_type: 'code',
  execution_count: 1,
  metadata: {},
  outputs,
  source: [source],
});
const notebook = (cells: unknown[], more = {}) =>
  JSON.stringify({ cells, metadata: {}, nbformat: 4, nbformat_minor: 5, ...more }, null, 1);

describe('a notebook', () => {
  it('becomes steps at its headings, cells, what they printed, draft checks and pictures', async () => {
    const cells = [
      markdown('# Sums\n\nWords.'),
      code('1 + 1', [
        { output_type: 'execute_result', data: { 'text/plain': '2', 'text/html': '<b>2</b>' } },
      ]),
      markdown('## Plot it\n\n![a](attachment:p.png)', { attachments: { 'p.png': { 'image/png': PIXEL } } }),
      code('plot()', [{ output_type: 'display_data', data: { 'image/png': PIXEL } }]),
      code('%%bash\nls', [{ output_type: 'stream', name: 'stdout', text: ['a\n', 'b\n'] }]),
    ];
    const { text, files, left, errors, kind } = await imported(await put('sums.ipynb', notebook(cells)));
    expect(kind).toBe('notebook');
    expect(errors).toEqual([]);
    expect(text).toContain('title: Sums\n');
    expect(text).toMatch(
      /## Begin\n\n```python cell\n1 \+ 1\n```\n\n```text\n2\n```\n\n```bash check\n# TODO review/,
    );
    expect(text).toMatch(/## Plot it\n\n!\[a\]\(\.\/images\/p\.png\)/);
    expect(text).toMatch(/```bash run\nls\n```\n\n```text output\na\nb\n```/);
    expect(files).toContain('courses/c/1-sums/images/p.png');
    expect(left.some((each) => /^\d+: an output as text\/html$/.test(each))).toBe(true);
    const draft = (await lint({ root, paths: [] })).findings.filter(({ rule }) => rule === 'draft');
    expect(draft.length).toBeGreaterThan(2);
  });

  it('with an error that it kept has a cell that fails on purpose, and says so', async () => {
    const failed = code('1/0', [{ output_type: 'error', ename: 'ZeroDivisionError' }]);
    const { text, left } = await imported(await put('n.ipynb', notebook([markdown('# T'), failed])));
    expect(text).toContain('```python cell fails\n1/0\n```');
    expect(JSON.stringify(left)).toContain('an error that the notebook kept: ZeroDivisionError');
  });

  it('names the line of the cell in the file', async () => {
    const { left } = await imported(
      await put(
        'n.ipynb',
        notebook([markdown('# T'), { cell_type: 'raw', source: 'x "cell_type": y' }, code('%%time\n1')]),
      ),
    );
    const lines = notebook([
      markdown('# T'),
      { cell_type: 'raw', source: 'x "cell_type": y' },
      code('%%time\n1'),
    ]).split('\n');
    const at = left.map((each) => Number(each.split(':')[0]));
    expect(at.map((line) => lines[line - 1]?.trim())).toEqual([
      '"cell_type": "raw",',
      '"cell_type": "code",',
    ]);
  });

  it('with script in its Markdown loses the script, and says so', async () => {
    const evil = [
      '# T\n\n<script>alert(1)</script>\n\n<img src=x onerror=alert(1)>\n\n[a](javascript:alert(1)) <a href="javascript:alert(1)">b</a>\n\n<iframe src="https://evil.example"></iframe>\n\n<div onclick="x()">c</div>',
    ];
    const { text, left } = await imported(await put('n.ipynb', notebook(evil.map((each) => markdown(each)))));
    expect(text).not.toMatch(/<script|onerror|javascript:|<iframe|onclick/i);
    expect(left.length).toBeGreaterThanOrEqual(5);
  });

  it.each([
    ['no JSON', '{\n "cells": [\n', /n\.ipynb:\d+: This is not JSON/],
    ['no notebook', '{"nbformat": 4, "cells": 3}', /n\.ipynb:1: This is no notebook: cells/],
    ['an older one', notebook([], { nbformat: 3 }), /nbconvert/],
  ])('%s is refused with file and line', async (_, text, wanted) => {
    await expect(imported(await put('n.ipynb', text))).rejects.toThrow(wanted);
  });

  it('of 50 MB is refused before it is read', async () => {
    const file = await put('n.ipynb', '{');
    await truncate(file, 50 * 1024 ** 2);
    await expect(imported(file)).rejects.toMatchObject({ code: 'too-large' });
  });
});

describe('a page of MkDocs', () => {
  it('admonitions, tabs, sessions and pictures', async () => {
    await put('docs/img/a.png', Buffer.from(PIXEL, 'base64'));
    const page = await put(
      'docs/page.md',
      [
        '# First job',
        '',
        '## Submit',
        '',
        '!!! warning "Mind"',
        '    Not *twice*.',
        '',
        '![A plot](img/a.png)',
        '',
        '```console',
        '$ squeue',
        'JOBID',
        '```',
        '',
        '=== "Linux"',
        '',
        '    Use apt.',
        '',
        '```py title="a.py" linenums="1"',
        'x = 1',
        '```',
        '',
        '[other](other.md) and {{ macro }}',
        '',
        '```bash',
        'ssh <name>',
        '```',
      ].join('\n'),
    );
    const { text, left, errors } = await imported(page);
    expect(errors).toEqual([]);
    expect(text).toContain(':::caution[Mind]\nNot *twice*.\n:::');
    expect(text).toContain('![A plot](./images/a.png)');
    expect(text).toContain('```bash run\nsqueue\n```\n\n```text output\nJOBID\n```');
    expect(text).toContain('**Linux**\n\nUse apt.');
    expect(text).toContain('```bash run example\nssh <name>\n```');
    expect(left).toEqual([
      '15: a tab: Linux',
      '19: options of a code block: title="a.py" linenums="1"',
      '23: a link to other.md',
      '23: a template: {{ macro }}',
      '25: a placeholder in a command: <name>',
    ]);
  });

  it('T31 no picture from outside: ../, links and absolute paths bring nothing', async () => {
    await writeFile(join(root, 'secret.png'), 'secret');
    await put('docs/x', '');
    await symlink(join(root, 'secret.png'), join(root, 'src/docs/link.png'));
    const page = await put(
      'docs/page.md',
      `# T\n\n![a](../../secret.png)\n\n![b](${root}/secret.png)\n\n![c](link.png)\n\n![d](../../../../etc/passwd)\n`,
    );
    const { files, left } = await imported(page);
    expect(files.filter((file) => file.includes('images/'))).toEqual([]);
    expect(left).toHaveLength(4);
  });
});

describe('a page of Jupyter Book', () => {
  it('directives in backticks and colons, figures, code cells, roles', async () => {
    await put('book/fig.png', Buffer.from(PIXEL, 'base64'));
    const page = await put(
      'book/page.md',
      [
        '# Title',
        '',
        '(label)=',
        '## Part',
        '',
        '```{note} Look',
        'Words.',
        '```',
        '',
        ':::{tip}',
        'More.',
        ':::',
        '',
        '```{figure} fig.png',
        ':alt: Two curves',
        'Caption',
        '```',
        '',
        '```{code-cell} ipython3',
        ':tags: [hide]',
        'x = 1',
        '```',
        '',
        'See {ref}`label`.',
        '',
        '```{toctree}',
        'a',
        '```',
      ].join('\n'),
    );
    const { text, left, errors } = await imported(page);
    expect(errors).toEqual([]);
    expect(text).toContain(':::note[Look]\nWords.\n:::');
    expect(text).toContain(':::tip\nMore.\n:::');
    expect(text).toContain('![Two curves](./images/fig.png)\n\n*Caption*');
    expect(text).toContain('```python cell\nx = 1\n```');
    expect(text).toContain('See *label*.');
    expect(left).toEqual(
      expect.arrayContaining([
        '3: markup of the other site: (label)=',
        '24: a role: {ref}`label`',
        '26: a container that has no counterpart: toctree',
      ]),
    );
  });
});

describe('a Carpentries episode', () => {
  const wanted = async (lines: string[]) => imported(await put('ep.md', lines.join('\n')));
  it('front matter, lists, challenges to steps with solutions', async () => {
    const { text, errors, left } = await wanted([
      '---',
      'title: Jobs',
      'teaching: 20',
      'exercises: 10',
      'order: 3',
      '---',
      '',
      ':::::: questions',
      '- How?',
      '::::::',
      '',
      '::: objectives',
      '* Do it',
      ':::',
      '',
      '## Run',
      '',
      'Text.',
      '',
      ':::::: challenge',
      '',
      '## Try it',
      '',
      'Count the files.',
      '',
      ':::: solution',
      'So:',
      '',
      '```bash',
      'ls | wc -l',
      '```',
      '',
      '```output',
      '3',
      '```',
      '::::',
      '::::::',
      '',
      'After.',
      '',
      ':::: instructor',
      'Be slow.',
      '::::',
      '',
      '::: keypoints',
      '- Point',
      ':::',
    ]);
    expect(errors).toEqual([]);
    expect(text).toMatch(
      /title: Jobs\nminutes: 30\nquestions:\n {2}- How\?\nobjectives:\n {2}- Do it\nkeypoints:\n {2}- Point\n/,
    );
    expect(text).toMatch(
      /## Try it\n\nCount the files\.\n\n```bash solution\nls \| wc -l\n```\n\n:::hint\[Solution\]\{#imported-1 after=3 unproven="imported"\}\nSo:/,
    );
    expect(text).toMatch(/```bash check\n# TODO review[^]*## Run, continued\n\nAfter\./);
    expect(text).not.toContain('Be slow');
    expect(left).toEqual([
      '5: front matter: order: 3',
      '41: a container that has no counterpart: instructor',
    ]);
  });
  it('older ones: quotations with a class, languages below the code', async () => {
    const { text, errors } = await wanted([
      '---',
      'title: Old',
      'questions: ["Why?"]',
      '---',
      '',
      '~~~',
      'ls',
      '~~~',
      '{: .language-bash}',
      '',
      '~~~',
      'a',
      '~~~',
      '{: .output}',
      '',
      '> ## Count',
      '> How many?',
      '> > ## Solution',
      '> > ```',
      '> > 3',
      '> > ```',
      '> {: .solution}',
      '{: .challenge}',
    ]);
    expect(errors).toEqual([]);
    expect(text).toMatch(/```bash run\nls\n```\n\n```text output\na\n```/);
    expect(text).toMatch(/## Count\n\nHow many\?[^]*:::hint\[Solution\]/);
  });
});

describe('a Killercoda scenario', () => {
  const scenario = (details: object) =>
    JSON.stringify(
      { title: 'Files', description: 'Make files', details, backend: { imageid: 'ubuntu' } },
      null,
      2,
    );
  it('steps, buttons, verify scripts to checks, background scripts to setups', async () => {
    await put('s/intro.md', '# Hello\n\nWords.');
    await put('s/prepare.sh', '#!/bin/bash\nmkdir -p /opt/x\n');
    await put(
      's/one.md',
      'Run `touch a`{{exec}} now.\n\n```plain\nls\n```{{exec interrupt}}\n\n```\nnot run\n```{{copy}}\n',
    );
    await put('s/verify.sh', '#!/bin/bash\nexit 3\n');
    await put(
      's/index.json',
      scenario({
        intro: { text: 'intro.md', background: 'prepare.sh' },
        steps: [{ title: 'Make', text: 'one.md', verify: 'verify.sh' }],
        finish: { text: 'none.md' },
      }),
    );
    const { text, left, kind } = await imported(join(root, 'src/s'));
    expect(kind).toBe('killercoda');
    expect(text).toContain('objectives:\n  - Make files\n');
    expect(text).toMatch(/```bash setup\n# TODO review: from prepare\.sh[^]*mkdir -p \/opt\/x/);
    expect(text).toMatch(
      /## Make\n\nRun `touch a` now\.\n\n```bash run\ntouch a\n```\n\n```bash run\nls\n```\n\n```text\nnot run\n```\n\n```bash check/,
    );
    expect(text).toMatch(/verify\(\) \(\n#!\/bin\/bash\nexit 3\n\)/);
    expect(left.map((each) => each.replace(/^\d+: /, ''))).toEqual(
      expect.arrayContaining([
        "a button's option: interrupt",
        'a file that is not there: none.md',
        'the machine ubuntu',
        'prepare.sh, which prepared a machine as its administrator',
      ]),
    );
  });
  it('T31 names no file outside its folder', async () => {
    await put('secret.md', 'secret');
    await put(
      's/index.json',
      scenario({ steps: [{ title: 'A', text: '../secret.md', verify: '/etc/hostname' }] }),
    );
    const { text, left } = await imported(join(root, 'src/s'));
    expect(text).not.toContain('secret');
    expect(left.filter((each) => each.includes('outside the scenario'))).toHaveLength(2);
  });
  it('that is none', async () => {
    await put('s/index.json', '[]');
    await expect(imported(join(root, 'src/s'))).rejects.toThrow(/index\.json:1: This is no scenario/);
  });
});

describe('where it goes', () => {
  it('into a course that is there, as its next lesson; never over another', async () => {
    const page = await put('p.md', '# One\n\nText.\n');
    expect((await imported(page)).id).toBe('c/1-one');
    expect((await imported(page)).id).toBe('c/2-one');
    const yaml = await readFile(join(root, 'courses/c/course.yaml'), 'utf8');
    expect(yaml).toContain('lessons: [1-one, 2-one]');
    await mkdir(join(root, 'courses/c/3-one'));
    await expect(imported(page)).rejects.toMatchObject({ code: 'conflict' });
    expect(await readFile(join(root, 'courses/c/course.yaml'), 'utf8')).toBe(yaml);
  });
  it('what cannot be imported is named', async () => {
    await expect(imported(join(root, 'none'))).rejects.toMatchObject({ code: 'not-found' });
    await expect(imported(await put('a.docx', 'x'))).rejects.toThrow(/notebook \(\.ipynb\)/);
    await expect(imported(dirname(await put('d/a.txt', 'x')))).rejects.toMatchObject({ code: 'unsupported' });
  });
});

describe('any text at all', () => {
  const piece = fc.constantFrom(
    '# a',
    '## b',
    ':::',
    '::: challenge',
    ':::: solution',
    '```',
    '```bash',
    '```{note}',
    '> x',
    '{: .challenge}',
    '!!! note',
    '    in',
    '=== "t"',
    '$ ls',
    '{% a',
    '<b',
    '![](x.png)',
    '---',
    '- [x](y)',
    '',
  );
  it('is cut without losing a line, a crash or a hang', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (lines) => {
        segmentsOf(lines, 1);
      }),
      { numRuns: 2000 },
    );
  });
  it('becomes a draft', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(piece, fc.string()), { maxLength: 20 }), async (lines) => {
        const draft = await fromPage(lines.join('\n'), 'p.md', join(root, 'p.md'), root);
        expect(draft.body).toMatch(/\n$/);
      }),
      { numRuns: 150 },
    );
  });
});
