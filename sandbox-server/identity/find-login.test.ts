import { describe, expect, it } from 'vitest';
import { openStore } from '../store/index.ts';
import { findLogin, unknown } from './find-login.ts';
import { openPeople } from './login/people.ts';

const KNOWN = ['ada', 'emmy', 'enrico', 'asaobergmuller'];
const why = (login: string, known: readonly string[] = KNOWN): string => {
  const answer = unknown(login, known);
  return answer.kind === 'unknown' ? answer.why : 'found';
};

describe('somebody by their name here', () => {
  it('is found with the groups of their last login', async () => {
    const store = await openStore(':memory:');
    const claimed = {
      issuer: 'https://iam.example.org',
      subject: 's',
      username: 'ada',
      name: 'Ada',
      email: null,
    };
    const person = await openPeople(store.db).welcome({ ...claimed, groups: ['icsc'] }, 1);
    const known = await findLogin((work) => work(store), 'ada');
    expect(known).toEqual({ kind: 'found', person: { id: person.id, login: 'ada', groups: ['icsc'] } });
    expect(await findLogin((work) => work(store), 'adda')).toMatchObject({
      why: expect.stringMatching(/mean ada\?/) as string,
    });
    await store.close();
  });
  it('is explained where the name is wrong: case, accents, an address, a letter', () => {
    expect(why('Ada')).toBe(
      "Ada is no name of somebody's here: those are at most 25 lower-case letters and digits. Did you mean ada?",
    );
    expect(why('ada@example.org')).toMatch(/is an e-mail address.*Did you mean ada\?/);
    expect(why('Åsa Öberg-Müller')).toMatch(/Did you mean asaobergmuller\?/);
    expect(why('enrcio')).toBe('Nobody called enrcio has signed in here.');
    expect(why('enrio')).toMatch(/Did you mean enrico\?/);
    expect(why('ada', [])).toBe('Nobody has signed in here yet.');
  });
});
