import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signIn } from '../testing/sign-in.ts';
import { startPortal, type Portal } from '../testing/portal.ts';

describe('signing in at the development provider', () => {
  let portal: Portal;
  beforeAll(async () => {
    portal = await startPortal();
  });
  afterAll(() => portal.close());

  it('signs a persona in, with groups and entitlements', async () => {
    const { page } = await signIn(portal.url, { persona: 'enrico' });
    const me = JSON.parse(page.body) as unknown;
    expect(me).toMatchObject({
      login: 'enrico',
      name: 'Enrico Fermi',
      groups: ['icsc', 'icsc/palestra/instructors', 'icsc/users'],
      roles: ['learner', 'instructor'],
    });
  });
});
