import { describe, expect, it } from 'vitest';
import { partsOf, withoutMarks } from './inline-code.ts';

describe('code in a line of front matter', () => {
  it.each([
    ['plain', ['plain']],
    ['use `delayed` here', ['use ', '<delayed>', ' here']],
    ['`a` and `b`', ['<a>', ' and ', '<b>']],
    ['a lone ` stays', ['a lone ` stays']],
    ['`<script>`', ['<<script>>']],
    ['', []],
  ])('%j', (line, wanted) => {
    expect(partsOf(line).map(({ text, code }) => (code ? `<${text}>` : text))).toEqual(wanted);
  });
  it('is only its text where no markup goes', () => {
    expect(withoutMarks('use `delayed` here')).toBe('use delayed here');
  });
});
