import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Lesson } from '../contract/lesson.ts';
import { parseLesson } from './lesson.ts';

const FRONT = '---\ntitle: A lesson\nminutes: 10\n---\n';
const parse = (text: string) =>
  parseLesson({
    course: 'lake',
    id: '1-look',
    file: 'lake/1-look/lesson.md',
    text,
    inherits: { kit: 'lake', services: ['data-lake'] },
  });
/** the body's mistakes as `line: message` */
const mistakes = (body: string) =>
  parse(FRONT + body).mistakes.map((each) => `${each.line}: ${each.message}`);
const lesson = (body: string) => {
  const { value, mistakes: found } = parse(FRONT + body);
  expect(found).toEqual([]);
  if (value === null) throw new Error('no lesson');
  return value;
};
const fence = (info: string, code = 'true') => `\`\`\`${info}\n${code}\n\`\`\`\n\n`;

/** The lesson of the format's own page. */
const RULES = `---
title: "Rules: say what, not how"
minutes: 40
questions: [How do I get a second copy?, How long does it live?]
objectives: [Write a rule with a lifetime, Follow it to OK]
keypoints: [Say the goal; the lake finds the way and keeps it.]
needs: { kit: lake, services: [data-lake], after: [2-upload], tokens: [{ audience: rucio, scope: openid profile }] }
---
Your dataset \`user.{{user}}:lab.v1\` has one copy, at CNAF.

${fence('bash setup', '. "$PALESTRA_FIXTURES/lake.sh"; lake_pace 10s')}
## Look first

${fence('bash run', 'rucio rule list --did "user.$PALESTRA_USER:lab.v1"')}
${fence('text output', 'one rule')}
:::question[How many rules are there?]
${fence('bash answer', 'rules_of lab.v1 | jq -s length')}:::

## Ask for a copy at Napoli

${fence('bash run example', 'rucio rule add DID')}
${fence('bash solution', 'rucio rule add x')}
${fence('bash check timeout=20s', 'echo "hint no-lifetime"; exit 1')}
${fence('bash wrong hint=no-lifetime', 'rucio rule add y')}
${fence('bash undo', 'drop_my_rules')}
:::hint[It never ends]{#no-lifetime after=2 unproven="seen once"}
Keep it: \`rucio rule update {{fact:rule}}\`.
:::

## Follow it

${fence('bash run terminal=watch until="true"', 'watch -n2 rucio rule show {{fact:rule}}')}
${fence('bash check waits=90s every=3s already="it may be there" as=data-lake', 'pace every=now')}
${fence('bash run stop=watch', '')}
${fence('bash run fails', 'false')}
${fence('python run in=python terminal=watch', '1 + 1')}
${fence('python edit file=a/b.py at="# here"', 'x = 1')}
${fence('python cell notebook=first', 'x')}
${fence('bash ready')}${fence('bash cleanup')}${fence('python no-run why="a sketch"', 'f()')}`;

describe('a lesson', () => {
  it('parses every part of the format, as the contract has it', () => {
    const { value, mistakes: found } = parse(RULES);
    expect(found).toEqual([]);
    const whole = Lesson.parse({ ...value, messages: {}, folder: '/courses/lake/1-look', hash: 'x' });
    expect(whole).toMatchObject({
      title: 'Rules: say what, not how',
      needs: {
        kit: 'lake',
        services: ['data-lake'],
        after: ['2-upload'],
        tokens: [{ audience: 'rucio', scope: 'openid profile' }],
      },
      setup: [{ kind: 'setup', id: 'setup-1' }],
      ready: [{ id: 'ready-1' }],
      cleanup: [{ id: 'cleanup-1' }],
    });
    expect(whole.steps.map(({ id }) => id)).toEqual(['look-first', 'ask-for-a-copy-at-napoli', 'follow-it']);
    const [look, ask, follow] = whole.steps;
    expect(look).toMatchObject({
      actions: [{ kind: 'run', id: 'run-1', fails: false, output: { text: 'one rule' } }],
      questions: [
        {
          id: 'question-1',
          kind: 'answer',
          title: 'How many rules are there?',
          answer: { kind: 'answer', code: 'rules_of lab.v1 | jq -s length' },
        },
      ],
    });
    expect(ask).toMatchObject({
      actions: [],
      checks: [{ timeout: 20, every: 3 }],
      solutions: [{ id: 'solution-1' }],
      wrongs: [{ hint: 'no-lifetime' }],
      undos: [{ id: 'undo-1' }],
      hints: [
        {
          id: 'no-lifetime',
          title: 'It never ends',
          text: 'Keep it: `rucio rule update {{fact:rule}}`.',
          afterTries: 2,
          unproven: 'seen once',
        },
      ],
    });
    expect(follow?.checks).toMatchObject([
      { timeout: 10, waits: 90, every: 3, already: 'it may be there', as: 'data-lake' },
    ]);
    expect(follow?.actions).toMatchObject([
      { id: 'run-2', terminal: 'watch', until: 'true' },
      { id: 'run-3', stop: 'watch', code: '' },
      { id: 'run-4', fails: true },
      { id: 'run-5', in: 'python' },
      { id: 'edit-1', file: 'a/b.py', at: '# here' },
      { id: 'cell-1', notebook: 'first' },
    ]);
  });

  it('inherits kit and services from its course', () => {
    expect(lesson(`## A\n\n${fence('bash run')}`).needs).toMatchObject({
      kit: 'lake',
      services: ['data-lake'],
      after: [],
      tokens: [],
    });
  });

  it('has steps only where something can be done; other ## are text', () => {
    expect(
      lesson(
        `## Text\n\nwords\n\n${fence('bash')}## Do\n\n${fence('bash run')}### Deeper\n\n${fence('bash run')}`,
      ).steps,
    ).toMatchObject([{ id: 'do', actions: [{ id: 'run-1' }, { id: 'run-2' }] }]);
  });

  it('takes a step id from the comment under a reworded heading', () => {
    expect(
      lesson(`## Nuovo titolo è qui\n<!-- step: old-name -->\n\n${fence('bash run')}`).steps[0]?.id,
    ).toBe('old-name');
    expect(lesson(`## Più *veloce*, \`dask\`!\n\n${fence('bash run')}`).steps[0]?.id).toBe('piu-veloce-dask');
  });

  it('reads fences in lists and asides, in page order', () => {
    const { steps } = lesson(
      `## A\n\n1. first\n\n   \`\`\`bash run\n   one\n   \`\`\`\n\n:::tip\n${fence('bash run', 'two')}:::\n\n${fence('bash run', 'three')}`,
    );
    expect(steps[0]?.actions.map(({ id, code }) => [id, code])).toEqual([
      ['run-1', 'one'],
      ['run-2', 'two'],
      ['run-3', 'three'],
    ]);
  });

  it('reads choices: the first line is the choice, what is below explains it', () => {
    const { steps } = lesson(
      '## Q\n\n:::question[Which?]\n- [ ] *One*\n  because of this\n- [x] Two\n- [ ] Three\n  - and that\n:::\n',
    );
    expect(steps[0]?.questions).toMatchObject([
      {
        kind: 'choice',
        choices: [
          { text: '*One*', right: false, why: 'because of this' },
          { text: 'Two', right: true },
          { text: 'Three', right: false, why: 'and that' },
        ],
      },
    ]);
  });

  it('keeps a single colon as text', () => {
    const { steps } = lesson(
      `## A user.st07:lab.v1 at 12:30\n\n::leaf and :name[x]{y=z}\n\n${fence('bash run')}`,
    );
    expect(steps[0]).toMatchObject({ title: 'A user.st07:lab.v1 at 12:30', id: 'a-userst07labv1-at-1230' });
  });
});

describe('a mistake names its line', () => {
  const step = `## A\n\n${fence('bash run')}`;
  const cases: [string, string, string[]][] = [
    [
      'an unknown word',
      `## A\n\n${fence('bash chekc')}`,
      ['7: Unknown word after the language of a code block.'],
    ],
    [
      'a kind hidden behind page options',
      `## A\n\n${fence('bash {1} solution')}`,
      ['7: The options of this solution cannot be read.'],
    ],
    ['an unknown option', `## A\n\n${fence('bash run colour=red')}`, ['7: Unknown option of a run.']],
    [
      'an unreadable option',
      `## A\n\n${fence('bash run until="x')}`,
      ['7: The options of this run cannot be read.'],
    ],
    [
      'an option twice',
      `## A\n\n${fence('bash run terminal=a terminal=b')}`,
      ['7: The options of this run cannot be read.'],
    ],
    [
      'a bad duration',
      `## A\n\n${fence('bash check timeout=soon')}`,
      ['7: The option timeout of this check cannot be used.'],
    ],
    [
      'a terminal that is no name',
      `## A\n\n${fence('bash run terminal=../x')}`,
      ['7: The option terminal of this run cannot be used.'],
    ],
    [
      'an edit without a file',
      `## A\n\n${fence('python edit')}`,
      ['7: The option file of this edit cannot be used.'],
    ],
    [
      'an edit outside the home',
      `## A\n\n${fence('python edit file=../x')}`,
      ['7: The option file of this edit cannot be used.'],
    ],
    ['python typed into a shell', `## A\n\n${fence('python run')}`, ['7: A run cannot be in this language.']],
    [
      'stop and until',
      `## A\n\n${fence('bash run stop=a until=b', '')}`,
      ['7: These two words contradict each other.'],
    ],
    [
      'stop with commands',
      `## A\n\n${fence('bash run stop=a')}`,
      ['7: A run that stops a terminal holds no commands.'],
    ],
    ['an empty check', `${step}${fence('bash check', '')}`, ['11: This check is empty.']],
    ['every alone', `${step}${fence('bash check every=3s')}`, ['11: `every` is for a check that waits.']],
    ['no-run without a reason', `${step}${fence('bash no-run')}`, ['11: A block that is not run says why.']],
    ['an unknown container', `${step}:::warning\nx\n:::\n`, ['11: Unknown container.']],
    ['a hint nothing shows', `${step}:::hint[T]\nx\n:::\n`, ['11: Nothing can ever show this hint.']],
    ['a hint without a title', `${step}:::hint{#a}\nx\n:::\n`, ['11: A hint has a title.']],
    [
      'a hint with an odd attribute',
      `${step}:::hint[T]{#a colour=red}\nx\n:::\n`,
      ['11: Unknown attribute of a hint.'],
    ],
    [
      'a hint after nonsense',
      `${step}:::hint[T]{#a after=later}\nx\n:::\n`,
      ['11: A hint comes after a number of tries or a time.'],
    ],
    [
      'two hints with one id',
      `${step}:::hint[T]{#a}\nx\n:::\n\n:::hint[T]{#a}\nx\n:::\n`,
      ['15: Two hints of a step have one id.'],
    ],
    [
      'a question without a right choice',
      `${step}:::question[T]\n- [ ] a\n- [ ] b\n:::\n`,
      ['11: No choice of this question is right.'],
    ],
    [
      'a question without choices',
      `${step}:::question[T]\nwhat?\n:::\n`,
      ['11: A question needs something to choose from.'],
    ],
    [
      'a question with both',
      `${step}:::question[T]\n- [x] a\n- [ ] b\n\n${fence('bash answer')}:::\n`,
      ['11: A question is answered in one way.'],
    ],
    [
      'a wrong naming no hint',
      `${step}${fence('bash check')}${fence('bash wrong hint=x')}`,
      ['15: This wrong names a hint that the step does not have.'],
    ],
    [
      'a solution without a check',
      `${step}${fence('bash solution')}`,
      ['11: This solution is in a step without a check.'],
    ],
    ['a check before the first step', `${fence('bash check')}${step}`, ['5: This check belongs to no step.']],
    [
      'a solution in a text section',
      `${step}## Text\n\n${fence('bash solution')}`,
      ['13: This solution belongs to no step.'],
    ],
    [
      'a hint in a text section',
      `${step}## Text\n\n:::hint[T]{#a}\nx\n:::\n`,
      ['13: This hint belongs to no step.'],
    ],
    ['an answer outside a question', `${step}${fence('bash answer')}`, ['11: This answer stands alone.']],
    [
      'a run inside a hint',
      `${step}:::hint[T]{#a}\n${fence('bash run')}:::\n`,
      ['11: A hint holds text, examples and one `when` block.'],
    ],
    [
      'an output after nothing',
      `## A\n\n${fence('text output')}${fence('bash run')}`,
      ['7: This output follows no run that ends by itself.'],
    ],
    [
      'an output of a program that stays',
      `## A\n\n${fence('bash run until="true"')}${fence('text output')}`,
      ['11: This output follows no run that ends by itself.'],
    ],
    ['two steps with one id', `${step}## A\n\n${fence('bash run')}`, ['11: Two steps have one id.']],
    ['a heading without letters', `## ???\n\n${fence('bash run')}`, ['5: This heading gives no step id.']],
    [
      'a first-level heading',
      `# T\n\n${step}`,
      ['5: A lesson has no `#` heading; its title stands in the front matter.'],
    ],
  ];
  it.each(cases)('%s', (_, body, expected) => expect(mistakes(body)).toEqual(expected));

  it('reports all of them together, each with what was expected and where to read', () => {
    const { mistakes: found } = parse(
      `---\ntitle: ""\nminutes: ten\nneed: {}\n---\n## A\n\n${fence('bash run colour=red')}${fence('bash chekc')}`,
    );
    expect(found.map(({ line, message }) => `${line}: ${message}`)).toEqual([
      '2: The setting title does not fit.',
      '3: The setting minutes does not fit.',
      '4: The setting need does not fit.',
      '8: Unknown option of a run.',
      '12: Unknown word after the language of a code block.',
    ]);
    for (const each of found)
      expect(each).toMatchObject({
        file: 'lake/1-look/lesson.md',
        expected: expect.stringMatching(/./) as string,
        received: expect.stringMatching(/./) as string,
        read: expect.stringMatching(/^docs\/course-format\.md#/) as string,
      });
  });

  it('survives front matter that is not YAML, is missing, or multiplies itself', () => {
    expect(parse('---\ntitle: [\n---\n').mistakes[0]).toMatchObject({ message: 'This is not YAML.' });
    expect(parse('no front matter').mistakes).toMatchObject([{ line: 1 }]);
    const bomb = `---\na: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c]\n---\n`;
    expect(parse(bomb).mistakes[0]).toMatchObject({ message: 'Too many YAML aliases.' });
  });
});

describe('T31 an edit stays in the home', () => {
  it.each(['../x', 'a/../b', '/etc/passwd', './x', 'a//b', 'a\\b', '..'])('refuses file=%s', (path) => {
    expect(mistakes(`## A\n\n${fence(`bash edit file="${path}"`)}`)).toEqual([
      '7: The option file of this edit cannot be used.',
    ]);
  });
});

describe('any document', () => {
  const info = fc.stringMatching(
    /^(bash|python|text|) ?(run|edit|check|solution|setup|hint|no-run|output|chekc|)( (terminal|until|file|at|timeout|waits)=("[^"\n`]{0,8}"|[a-z0-9."'=]{0,6}))?$/,
  );
  const line = fc.oneof(
    fc.string({ maxLength: 30, unit: 'binary' }),
    fc.constantFrom(
      '---',
      '## A',
      '## ',
      '# B',
      ':::',
      ':::hint[x]{#a}',
      ':::question[q',
      '- [x] a',
      '  - [ ] b',
      '```',
      '~~~',
      '<!-- step: x -->',
      '<!--',
      '{{fact:x}}',
      'a:b[c]{d}',
      '>',
      'title: x',
      'minutes: 3',
      '::x',
      '$$',
      '|a|',
      '|-|',
    ),
    info.map((each) => `\`\`\`${each}`),
  );
  const document = fc.array(line, { maxLength: 40 }).map((lines) => lines.join('\n'));
  const runs = Number(process.env['FUZZ_RUNS'] ?? 2000);

  it('neither crashes nor hangs the parser', () => {
    fc.assert(
      fc.property(document, fc.boolean(), (body, front) => {
        const { value, mistakes: found } = parse(front ? FRONT + body : body);
        for (const each of found) expect(each.line).toBeGreaterThan(0);
        if (value !== null && found.length === 0)
          Lesson.parse({ ...value, messages: {}, folder: '/x', hash: 'x' });
      }),
      { numRuns: runs },
    );
  }, 120_000);

  it('is read in linear time, however long its lines and its nesting', () => {
    const began = process.cpuUsage();
    for (const piece of ['`', '```bash run a="', ':::', '> ', '- ', '{{', '<!--', '[', '*_'])
      parse(FRONT + piece.repeat(2000));
    // of the processor, not of the clock: 0.4 s alone, the same among twenty other programs
    expect(process.cpuUsage(began).user / 1e6).toBeLessThan(10);
  }, 120_000);
});
