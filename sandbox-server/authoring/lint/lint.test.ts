/** Each rule on a small course of its own: what it finds, and what it leaves alone. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lint } from './lint.ts';
import { describeReport, explain } from './print.ts';
import { RULE_IDS } from './rules.ts';
import { toSarif } from './sarif.ts';
import { refusals } from './shell.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'palestra-lint-test-'));
  await put(
    'courses/c/course.yaml',
    'title: T\nsummary: S\naudience: A\nauthors: [N]\nlicence: CC0\nlessons: [1-a]\n',
  );
});
afterEach(() => rm(root, { recursive: true }));

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}
const FRONT = '---\ntitle: T\nminutes: 5\n---\n\n';
const CHECK = '\n\n```bash check\necho "No."; exit 1\n```\n';
/** A step that runs `code`, with a check. */
const step = (code: string, more = '', info = 'bash run') =>
  `${FRONT}## S\n\n\`\`\`${info}\n${code}\n\`\`\`${CHECK}${more}`;
async function look(lesson: string, paths: string[] = []) {
  await put('courses/c/1-a/lesson.md', lesson);
  return lint({ root, paths });
}
async function found(lesson: string): Promise<string[]> {
  return (await look(lesson)).findings.map(({ rule, level, line }) => `${rule} ${level} ${line}`);
}

describe('what is in order', () => {
  it('gives nothing', async () => {
    const report = await look(step('ls'));
    expect(report).toEqual({ pages: 1, errors: 0, warnings: 0, findings: [] });
    expect(describeReport(report, false)).toBe('1 page looked at, nothing to mend.');
  });
});

describe('cells', () => {
  const cell = step('print(1)', '', 'python cell');
  it('want a kit with JupyterLab, of its own or of the kit it is from', async () => {
    await put('infra/kits/base/kit.yaml', 'title: B\nenvironments: [{ folder: ., requirements: r.lock }]\n');
    await put('infra/kits/base/r.lock', 'numpy==2.4.6\n');
    expect(await found(cell)).toEqual(['cells-need-jupyterlab error 8']);
    await put('infra/kits/base/kit.yaml', 'title: B\nfrom: labs\nenvironments: []\n');
    await put('infra/kits/labs/kit.yaml', 'title: L\nenvironments: [{ folder: ., requirements: r.lock }]\n');
    await put('infra/kits/labs/r.lock', 'ipykernel==7.4.0\njupyterlab==4.6.6\n');
    expect(await found(cell)).toEqual([]);
  });
  it('are left alone where the kit is not known here', async () => {
    expect(await found(cell)).toEqual([]);
  });
});

describe('a course that a lesson gives to its learners', () => {
  it('is theirs to mend, and no page of this site', async () => {
    await put('courses/c/1-a/files/courses/mine/course.yaml', 'title: [');
    await put('courses/c/1-a/files/courses/mine/1-b/lesson.md', `${FRONT}[Away](/nowhere/)\n`);
    expect(await look(step('ls'))).toMatchObject({ pages: 1, findings: [] });
  });
});

describe('the format', () => {
  it('a mistake of the catalogue carries its file from the checkout on, its line and where to read', async () => {
    const { findings } = await look(step('ls', '', 'bash rum'));
    expect(findings[0]).toMatchObject({
      rule: 'format',
      level: 'error',
      file: 'courses/c/1-a/lesson.md',
      line: 8,
    });
    expect(findings[0]?.read).toContain('docs/course-format.md');
  });
  it('YAML that is none, a folder that is no course', async () => {
    await put('courses/stray/notes.txt', 'x');
    const { findings } = await look('---\ntitle: [\n---\n');
    expect(findings.map(({ file }) => file)).toEqual(['courses/c/1-a/lesson.md', 'courses/stray']);
  });
  it('a translation that differs', async () => {
    await put('courses/c/1-a/lesson.it.md', '---\ntitle: T\n---\n\n## S\n\n```bash run\nls -l\n```\n');
    expect(await found(step('ls'))).toEqual(['format error 7']);
  });
});

describe('links', () => {
  it.each([
    ['[x](../2-none/)', 'dead-link error 16'],
    ['[x](/courses/none/)', 'dead-link error 16'],
    ['[x](#nowhere)', 'dead-link error 16'],
    ['[x](/courses/c/1-a/#nowhere)', 'dead-link error 16'],
    ['[x](files/a.txt)', 'dead-link error 16'],
    ['[x]()', 'dead-link error 16'],
    ['![words](./none.png)', 'dead-link error 16'],
    ['<a href="/none/">x</a>', 'dead-link error 16'],
    ['[x](javascript:alert(1))', 'link-form warning 16'],
    ['[x](https://)', 'link-form warning 16'],
    ['[x](https://intranet/page)', 'link-form warning 16'],
    ['[x](/courses/c/1-a)', 'link-form warning 16'],
    ['[x][y]\n\n[y]: /none/', 'dead-link error 18'],
  ])('%s', async (text, wanted) => {
    expect(await found(step('ls', `\n${text}\n`))).toEqual([wanted]);
  });
  it.each([
    '[x](../)',
    '[x](#s)',
    '[x](/courses/c/1-a/#s)',
    '[x](https://a.org/b#c)',
    '[x](mailto:a@b.org)',
    '[x](/)',
    '[x](http://localhost:8787)',
    'https://a.org',
    '[x](%ZZ)'.replace('%ZZ', '/api/docs'),
    '<!-- <a href="/none/"> -->',
  ])('%s is well', async (text) => {
    expect(await found(step('ls', `\n${text}\n`))).toEqual([]);
  });
  it('an address that cannot be decoded is no crash', async () => {
    expect(await found(step('ls', '\n[x](/%ZZ/)\n'))).toEqual(['dead-link error 16']);
  });
  it('a lesson by its file is told its address', async () => {
    const { findings } = await look(step('ls', '\n[x](../1-a/lesson.md)\n'));
    expect(findings[0]?.expected).toBe('/courses/c/1-a/');
  });
});

describe('steps and hints', () => {
  const bare = (code: string, info = 'bash run') => `${FRONT}## S\n\n\`\`\`${info}\n${code}\n\`\`\`\n`;
  it.each([
    'echo a > b',
    'mkdir -p x',
    'rucio rule add x',
    'git commit -m x',
    'cat a | tee b',
    'sed -i s/a/b/ c',
  ])('%s changes something: without a check it is an error', async (code) =>
    expect(await found(bare(code))).toEqual(['unchecked-step error 8']),
  );
  it.each(['ls', 'rucio rule list', 'git status', 'make -n', 'x 2> /dev/null', 'x 2>&1'])(
    '%s reads: a warning',
    async (code) => expect(await found(bare(code))).toEqual(['unchecked-step warning 6']),
  );
  it('an edit changes something; an example does nothing; a question is enough', async () => {
    expect(await found(bare('x', 'bash edit file=a'))).toEqual(['unchecked-step error 8']);
    expect(await found(bare('touch x', 'bash run example'))).toEqual([]);
    expect(await found(`${bare('touch x')}\n:::question[Q?]\n- [x] a\n- [ ] b\n:::\n`)).toEqual([]);
  });
  it('a hint that nothing names', async () => {
    const hint = (more: string) => `\n:::hint[H]{#late${more}}\ntext\n:::\n`;
    expect(await found(step('ls', hint('')))).toEqual(['untested-hint warning 16']);
    expect(await found(step('ls', hint(' after=2')))).toEqual([]);
    expect(await found(step('ls', hint(' unproven="why"')))).toEqual([]);
    expect(await found(step('ls', hint('')).replace('echo "No."', 'echo "hint late"; echo No'))).toEqual([]);
    expect(await found(step('ls', hint('')).replace('"No."', '"hint later"; echo no'))).toEqual([
      'untested-hint warning 16',
    ]);
    await put('courses/c/fixtures/lab.py', 'no("x", "late")');
    expect(await found(step('ls', hint('')))).toEqual([]);
  });
});

describe('code', () => {
  it.each([
    ['cat /home/ada/x', 'one-machine'],
    ['cat /Users/ada/x', 'one-machine'],
    ['ls /root/data', 'one-machine'],
    ['ssh ada@login.site.it', 'one-machine'],
    ['curl https://storage.site.it/x', 'one-machine'],
    ['export X509_USER_PROXY=/tmp/x509up_u1000', 'one-machine'],
    ['curl -k https://localhost/x', 'insecure'],
    ['cat <name>', 'placeholder'],
    ['curl YOUR_HOST', 'placeholder'],
  ])('%s', async (code, rule) => {
    const all = (await look(step(code))).findings.filter((each) => each.rule !== 'shell-syntax');
    expect(all.map((each) => `${each.rule} ${each.line}`)).toEqual([`${rule} 9`]);
  });
  it.each([
    'cat ~/x',
    'cat "$HOME/x"',
    'curl http://localhost:8787/x',
    'curl "https://$HOST/x"',
    'ls /home/{{user}}',
    'curl https://rucio.palestra.test:31447',
    'grep -k x',
  ])('%s is well', async (code) => expect(await found(step(code))).toEqual([]));
  it('a placeholder of an example is in capitals', async () => {
    const example = (code: string) => `${FRONT}## S\n\n\`\`\`bash run example\n${code}\n\`\`\`\n`;
    expect(await found(example('rucio rule add DID --rses EXPRESSION'))).toEqual([]);
    expect(await found(example('rucio rule add your-did'))).toEqual(['placeholder warning 9']);
    expect(await found(example('rucio rule add <did>'))).toEqual(['placeholder warning 9']);
    expect(await found(example('ls # ... and so on'))).toEqual([]);
  });
  it('shell that bash refuses, at its line, whatever it is for; nothing is run', async () => {
    expect(await found(step('ls\nif true; then\necho "x"'))).toEqual(['shell-syntax error 12']);
    expect(await found(`${step('ls')}\n\`\`\`bash solution\nx=$(touch ${root}/ran\n\`\`\`\n`)).toHaveLength(
      1,
    );
    await put('x', '');
    const refused = await refusals([`touch ${root}/ran`, 'fi', 'cat <<END\nno end']);
    expect(refused.get('fi')?.line).toBe(1);
    // a here-document that ends with the block is only a warning of bash's, and a refusal of ours
    expect([...refused.keys()]).toHaveLength(2);
    const many = Array.from(
      { length: 250 },
      (_, index) => `echo ${index}\n${index % 50 === 0 ? 'done' : ':'}`,
    );
    expect([...(await refusals(many)).values()].map(({ line }) => line)).toEqual([2, 2, 2, 2, 2]);
    expect((await lint({ root, paths: [] })).pages).toBe(1);
    await expect(rm(join(root, 'ran'))).rejects.toThrow(/ENOENT/);
  });
  it('a language that is not highlighted, with the one that was meant', async () => {
    const { findings } = await look(step('ls', '\n```Python\nx\n```\n'));
    expect(findings.map(({ rule, line }) => [rule, line])).toEqual([['unknown-language', 16]]);
    expect(findings[0]?.expected).toContain('python');
    expect(await found(step('ls', '\n```text\nx\n```\n\n```\nx\n```\n\n```mermaid\nx\n```\n'))).toEqual([]);
  });
});

describe('pictures and headings', () => {
  it('a picture without words, also in HTML', async () => {
    await put('courses/c/1-a/images/a.png', 'x');
    expect(await found(step('ls', '\n![](./images/a.png)\n'))).toEqual(['alt-text error 16']);
    expect(await found(step('ls', '\n![a.png](./images/a.png)\n'))).toEqual(['alt-text error 16']);
    expect(await found(step('ls', '\n<img src="./images/a.png">\n'))).toEqual(['alt-text error 16']);
    expect(await found(step('ls', '\n<img src="./images/a.png" alt="A plot">\n'))).toEqual([]);
    expect(await found(step('ls', '\n![A plot](./images/a.png)\n'))).toEqual([]);
  });
  it('a level that is left out', async () => {
    expect(await found(step('ls', '\n#### deep\n'))).toEqual(['heading-order warning 16']);
    expect(await found(step('ls', '\n### one\n\n#### two\n\n## up\n'))).toEqual([]);
  });
});

describe('translations', () => {
  const said = (id: string) => step('ls').replace('echo "No."', `echo "msg ${id}"`);
  it('a message without a sentence, and one without its translation', async () => {
    expect(await found(said('not-yet'))).toEqual(['unknown-message error 13']);
    await put('courses/c/1-a/messages.yaml', 'not-yet: Not yet.\n');
    expect(await found(said('not-yet'))).toEqual([]);
    await put('courses/c/1-a/messages.it.yaml', 'other: Altro.\n');
    const { findings } = await look(said('not-yet'));
    expect(findings.map(({ file, message }) => `${file}: ${message}`)).toEqual([
      'courses/c/1-a/messages.it.yaml: The message not-yet is missing in "it".',
      'courses/c/1-a/messages.yaml: The message other is missing in "en".',
    ]);
  });
  it('a lesson that is not translated where another is', async () => {
    await put(
      'courses/c/course.yaml',
      'title: T\nsummary: S\naudience: A\nauthors: [N]\nlicence: CC0\nlessons: [1-a, 2-b]\n',
    );
    await put('courses/c/2-b/lesson.md', step('ls'));
    await put('courses/c/2-b/lesson.it.md', '---\ntitle: T\n---\n\n## Passo\n\n```bash run\nls\n```\n');
    expect(await found(step('ls'))).toEqual(['missing-translation warning 1']);
  });
});

describe('lint-ok', () => {
  const quiet = (comment: string) => `${FRONT}## S\n\n${comment}\n\n\`\`\`bash run\nls\n\`\`\`\n`;
  it('with a rule and a why it is heard, in its section alone', async () => {
    expect(await found(quiet('<!-- lint-ok unchecked-step: the reader only looks -->'))).toEqual([]);
    const next = `${quiet('<!-- lint-ok unchecked-step: why -->')}\n## T\n\n\`\`\`bash run\nls\n\`\`\`\n`;
    expect(await found(next)).toEqual(['unchecked-step warning 14']);
  });
  it.each([
    '<!-- lint-ok unchecked-step -->',
    '<!-- lint-ok unchecked-step: -->',
    '<!-- lint-ok nonsense: why -->',
    '<!-- lint-ok format: why -->',
  ])('%s switches nothing off', async (comment) =>
    expect(await found(quiet(comment))).toEqual(['unchecked-step warning 6', 'silence warning 8']),
  );
});

describe('what is named', () => {
  it('a lesson, its course, its file; a page that is no lesson', async () => {
    const bad = step('ls', '\n#### deep\n');
    for (const path of ['c/1-a', 'c', 'courses/c', 'courses/c/1-a/lesson.md', join(root, 'courses')])
      expect((await look(bad, [path])).findings, path).toHaveLength(1);
    await put('site/src/content/docs/g.md', '---\ntitle: G\n---\n\n[x](/none/) [y](/courses/c/)\n');
    expect((await look(bad, ['site/src/content/docs/g.md'])).findings).toMatchObject([
      { rule: 'dead-link', line: 5 },
    ]);
    expect((await lint({ root, paths: [] })).pages).toBe(2);
  });
  it('what is not there', async () => {
    await expect(look(step('ls'), ['none'])).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('what is said', () => {
  const two = step('cat /home/ada/x\ncat /home/ada/x', '\n[x](/none/)\n');
  it('to people: by file, colour only where it is asked for', async () => {
    const text = describeReport(await look(two), false);
    expect(text).toMatch(/^courses\/c\/1-a\/lesson\.md\n {5}9 {2}warning {2}/);
    expect(text).toMatch(/1 page looked at: 1 error, 2 warnings\.$/);
    expect(text.includes('\u001b')).toBe(false);
    expect(describeReport(await look(two), true).includes('\u001b[31m')).toBe(true);
  });

  it('as SARIF 2.1.0: what its schema requires, and nothing it does not know', async () => {
    const sarif = toSarif((await look(two)).findings, '0.1.0');
    expect(sarif).toMatchObject({
      version: '2.1.0',
      runs: [{ tool: { driver: { name: 'palestra lint' } } }],
    });
    const [run] = sarif.runs;
    const rules = run?.tool.driver.rules ?? [];
    expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
    for (const result of run?.results ?? []) {
      expect(Object.keys(result).sort()).toEqual([
        'level',
        'locations',
        'message',
        'partialFingerprints',
        'ruleId',
        'ruleIndex',
      ]);
      expect(rules[result.ruleIndex]?.id).toBe(result.ruleId);
      expect(['none', 'note', 'warning', 'error']).toContain(result.level);
      expect(result.message.text).toMatch(/\S/);
      const { artifactLocation, region } = result.locations[0]?.physicalLocation ?? {};
      expect(artifactLocation?.uri).toMatch(/^courses\/[^\\ ]+$/);
      expect(region?.startLine).toBeGreaterThan(0);
    }
    const prints = (run?.results ?? []).map((each) => each.partialFingerprints['palestra/v1']);
    expect(new Set(prints).size).toBe(3);
  });

  it('every rule explains itself', () => {
    for (const rule of RULE_IDS)
      expect(explain(rule)).toMatch(/^[a-z-]+ \((?:error|warning)\)\n {2}\S.*\.\n {2}\S.*\./);
  });
});
