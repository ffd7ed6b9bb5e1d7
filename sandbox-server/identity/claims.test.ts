import { describe, expect, it } from 'vitest';
import { claimedPerson } from './claims.ts';

const base = { iss: 'https://iam.example.org/', sub: '8f2c' };

describe('claims of a person', () => {
  it('reads INDIGO IAM’s iam profile', () => {
    const claims = {
      ...base,
      amr: ['pwd'],
      kid: 'rsa1',
      groups: ['icsc/users', 'icsc'],
      preferred_username: 'ada',
      organisation_name: 'indigo-dc',
      name: 'Ada Lovelace',
      email: 'ada@example.org',
    };
    expect(claimedPerson(claims, 'groups')).toEqual({
      issuer: 'https://iam.example.org/',
      subject: '8f2c',
      username: 'ada',
      name: 'Ada Lovelace',
      email: 'ada@example.org',
      groups: ['icsc', 'icsc/users'],
    });
  });
  it('reads the wlcg profile, whose claim has a dot in its name', () => {
    expect(
      claimedPerson(
        { ...base, 'wlcg.ver': '1.0', 'wlcg.groups': ['/icsc', '/icsc/users'], wlcg: { groups: ['no'] } },
        'wlcg.groups',
      ).groups,
    ).toEqual(['icsc', 'icsc/users']);
  });
  it('reads Keycloak’s, without groups where somebody has none', () => {
    const claims = {
      ...base,
      typ: 'ID',
      azp: 'x',
      given_name: 'Ada',
      family_name: 'Lovelace',
      preferred_username: 'ada',
    };
    expect(claimedPerson(claims, 'groups')).toMatchObject({ name: 'Ada Lovelace', groups: [], email: null });
  });
  it.each([
    [{ name: '  ', preferred_username: 'ada' }, 'ada'],
    [{ name: 7, given_name: 'Ada' }, 'Ada'],
    [{}, 'Unnamed'],
    [{ name: 'A\u202eb\u0007\nc' }, 'A b c'],
    [{ name: `${'a'.repeat(99)}\u{1f3cb}` }, 'a'.repeat(99)],
    [{ name: `\ud83c` }, 'Unnamed'],
  ])('finds a name to show in %j', (claims, name) =>
    expect(claimedPerson({ ...base, ...claims }, 'groups').name).toBe(name),
  );
  it.each(['nonsense', '\u0000', 12, { at: '@' }])('takes the e-mail %j for none', (email) =>
    expect(claimedPerson({ ...base, email }, 'groups').email).toBeNull(),
  );
  it.each(['__proto__', 'constructor', 'toString'])('finds no groups under the inherited name %s', (claim) =>
    expect(claimedPerson(base, claim).groups).toEqual([]),
  );
  it('refuses claims without issuer or subject', () => {
    expect(() => claimedPerson({ sub: 'x' }, 'groups')).toThrow();
    expect(() => claimedPerson({ iss: 'x' }, 'groups')).toThrow();
    expect(() => claimedPerson(undefined, 'groups')).toThrow();
  });
});
