import { describe, expect, it } from 'vitest';
import { Mask } from '../contract/lesson.ts';
import { fill } from './fill.ts';
import { withNewOutputs } from './new-outputs.ts';
import { masked, unfilled } from './shown-output.ts';

describe('what varies in an output', () => {
  it('is hidden, line by line, and what was hidden once stays so', () => {
    const masks = ['^\\d{4}-\\d\\d-\\d\\d', '[0-9a-f]{32}'];
    const once = masked(`\n2026-12-01 made ${'a'.repeat(32)}  \n2026-12-02\n\n`, masks);
    expect(once).toBe('… made …\n…');
    expect(masked(once, masks)).toBe(once);
  });
  it('is named by a pattern that can be read and matches something', () => {
    expect(['[0-9]+ ms', '(a', 'x*', ''].map((mask) => Mask.safeParse(mask).success)).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });
  it('of a learner goes back to its blank', () => {
    const filling = { user: 'ada', facts: { rule: '0f3a9c77', short: '12', longer: '0f3a9c77-b' } };
    const shown = '{{user}} in /home/{{user}}: {{fact:rule}} and {{fact:longer}}, 12 of Adam';
    expect(unfilled(fill(shown, filling).text, filling)).toBe(shown);
  });
});

const lesson = (output: string, words = 'Look.') =>
  `---\ntitle: T\nminutes: 5\n---\n## A\n\n${words}\n\n\`\`\`bash run\nls\n\`\`\`\n\n${output}\n\n- a list\n\n  ~~~bash run\n  date\n  ~~~\n\n  ~~~text output\n  old\n\n  older\n  ~~~\n\nThe end.\n`;

describe('new outputs in a lesson', () => {
  it('stand where the old ones stood, and no other byte changes, in a translation too', () => {
    const before = '```text output\nold\n```';
    const outputs = new Map([
      ['run-1', 'a.txt\n\nb.txt'],
      ['run-2', 'now'],
    ]);
    for (const words of ['Look.', 'Guarda.'])
      expect(withNewOutputs(lesson(before, words), outputs)).toBe(
        lesson('```text output\na.txt\n\nb.txt\n```', words).replace('  old\n\n  older\n', '  now\n'),
      );
  });
  it('fill a block that is empty, and leave a run without one alone', () => {
    const outputs = new Map([['run-1', 'here']]);
    expect(withNewOutputs(lesson('```text output\n```'), outputs)).toBe(lesson('```text output\nhere\n```'));
    expect(withNewOutputs(lesson(''), outputs)).toBe(lesson(''));
  });
  it('that hold the end of a block get a longer one', () => {
    const after = withNewOutputs(lesson('```text output\n```'), new Map([['run-1', '```\nx\n````']]));
    expect(after).toBe(lesson('`````text output\n```\nx\n````\n`````'));
    expect(withNewOutputs(after, new Map([['run-1', 'x']]))).toBe(
      lesson('```text output\nx\n```').replaceAll(/^```(?=text output$)|(?<=^x\n)```/gm, '`````'),
    );
  });
});
