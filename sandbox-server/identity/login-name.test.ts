import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Login } from '../contract/names.ts';
import { loginNames } from './login-name.ts';
import { personId } from './person-id.ts';

/** The first free of a person's names, as `people` gives them. */
function given(taken: Set<string>, wished: string | undefined, id: string): string {
  const name = loginNames(wished, id).find((n) => !taken.has(n));
  if (name === undefined) throw new Error(`no name for ${JSON.stringify(wished)} ${id}`);
  taken.add(name);
  return name;
}
const id = (n: number | string) => personId('https://iam.example.org', String(n));

describe('login names', () => {
  it.each([
    ['ada', 'ada'],
    ['st07', 'st07'],
    ['Åsa Öberg-Müller', 'asaobergmuller'],
    ['ada.lovelace@example.org', 'adalovelaceexampleorg'],
    ['007bond', 'bond'],
    ['x'.repeat(300), 'x'.repeat(25)],
  ])('makes %j into %s', (wished, name) => expect(loginNames(wished, id(1))[0]).toBe(name));

  it.each(['root', 'ROOT', 'r-o-o-t', 'nobody', 'admin', 'palestra'])(
    'T30 never gives the reserved name %s',
    (wished) => {
      expect(loginNames(wished, id(1))).not.toContain(wished.toLowerCase().replace(/-/g, ''));
      expect(loginNames(wished, id(1)).length).toBeGreaterThan(1);
    },
  );

  it.each([undefined, '', '孫文', '----', '12345', '🏋️', '\u0000\u001b[31m'])(
    'T30 finds a valid name for %j',
    (wished) => {
      const names = loginNames(wished, id(1));
      expect(names.length).toBeGreaterThan(0);
      for (const name of names) expect(Login.safeParse(name).success).toBe(true);
    },
  );

  it('T30 tells a-b + c from a + b-c, and every other pair that looks alike', () => {
    const taken = new Set<string>();
    const alike = ['a-bc', 'ab-c', 'abc', 'ABC', 'a.b.c', 'ａｂｃ', 'a\u0301bc', `abc${'!'.repeat(300)}`];
    const names = alike.map((wished, n) => given(taken, wished, id(n)));
    expect(new Set(names).size).toBe(alike.length);
  });

  it('T30 is valid and distinct over a million persons, most of whom wish for the same few names', () => {
    const taken = new Set<string>();
    const wishes = ['ada', 'a-b', 'ab', 'root', '', 'x'.repeat(300), 'Ünï', '孫', 'st07', 'enrico.fermi'];
    const valid = /^[a-z][a-z0-9]{0,24}$/;
    for (let n = 0; n < 1_000_000; n += 1) {
      const name = given(taken, wishes[n % wishes.length], `${n.toString(32).padStart(8, '0')}qqqqqqqqqqqq`);
      if (!valid.test(name)) throw new Error(`${name} is no login`);
    }
    expect(taken.size).toBe(1_000_000);
  }, 120_000);

  it('T30 is valid and distinct whatever the provider calls people', () => {
    const person = fc.record({
      wished: fc.oneof(fc.string({ unit: 'binary', maxLength: 400 }), fc.constantFrom('ada', 'A-DA')),
      sub: fc.uuid(),
    });
    fc.assert(
      fc.property(fc.uniqueArray(person, { selector: (p) => p.sub, maxLength: 100 }), (people) => {
        const taken = new Set<string>();
        const names = people.map((p) => given(taken, p.wished, id(p.sub)));
        expect(new Set(names).size).toBe(people.length);
        for (const name of names) expect(Login.safeParse(name).success).toBe(true);
      }),
      { numRuns: 30 },
    );
  }, 60_000);
});

describe('a person’s id', () => {
  it('is twenty base32 characters of issuer and subject, and tells their border', () => {
    expect(personId('https://iam', 'ada')).toMatch(/^[a-z2-7]{20}$/);
    expect(personId('https://iam', 'ada')).toBe(personId('https://iam/', 'ada'));
    const ids = [
      personId('https://iam', 'ada'),
      personId('https://ia', 'mada'),
      personId('https://iam', 'adA'),
      personId('https://iam2', 'ada'),
      personId('https://iam', 'ada/'),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });
});
