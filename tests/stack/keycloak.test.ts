/** Our login against a Keycloak from its published distribution: a second, unlike provider to IAM. Takes two to five minutes. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Problem } from '../../sandbox-server/contract/errors.ts';
import { OidcConfig } from '../../sandbox-server/contract/config.ts';
import { browser, type Browser, type Page } from '../../sandbox-server/identity/testing/browser.ts';
import { COOKIE, startPortal, type Portal } from '../../sandbox-server/identity/testing/portal.ts';
import { freePort, missing, startKeycloak, type Keycloak } from './keycloak/start.ts';
import { ACCESS_LIFE, CLIENT, PASSWORD, REALM, SECRET } from './keycloak/realm.ts';

const lacks = missing();
if (lacks !== null && process.env.CI === 'true') throw new Error(lacks);
if (lacks !== null) console.warn(`skipped: ${lacks}`);

describe.skipIf(lacks !== null)('Keycloak 26', () => {
  let portal: Portal;
  let keycloak: Keycloak;

  beforeAll(async () => {
    const port = await freePort();
    const oidc = OidcConfig.parse({
      issuer: `http://127.0.0.1:${port}/realms/${REALM}`,
      clientId: CLIENT,
      name: 'Keycloak',
    });
    portal = await startPortal({ oidc, identity: { clientSecret: SECRET } });
    // the server stands before its provider does: login says so in a sentence
    const early = await browser().get(`${portal.url}/auth/login`);
    expect([early.status, JSON.parse(early.body)]).toEqual([
      503,
      expect.objectContaining({ message: expect.stringContaining('Keycloak does not answer') as unknown }),
    ]);
    keycloak = await startKeycloak(port, `${portal.url}/auth/callback`);
  }, 600_000);
  afterAll(async () => {
    await keycloak?.stop();
    await portal?.close();
  }, 60_000);

  async function signIn(username: string, password = PASSWORD): Promise<{ at: Browser; page: Page }> {
    const at = browser();
    const form = await at.get(`${portal.url}/auth/login?next=/courses/`);
    return { at, page: await at.post(actionOf(form), { username, password, credentialId: '' }) };
  }

  it('signs in: groups lose their leading slash and grant what they grant', async () => {
    const { at, page } = await signIn('enrico');
    expect(page.url.pathname).toBe('/courses/');
    expect(JSON.parse(page.body)).toMatchObject({
      login: 'enrico',
      name: 'Enrico Fermi',
      email: 'enrico@example.org',
      groups: ['icsc/palestra/instructors', 'icsc/users'],
      roles: ['learner', 'instructor'],
    });
    expect(await portal.identity.signedIn(at.cookie(COOKIE))).toMatchObject({ entitlements: { labs: 6 } });
  });

  it('signs somebody in whose token has no groups claim at all', async () => {
    const { page } = await signIn('solo');
    expect(JSON.parse(page.body)).toMatchObject({ login: 'solo', groups: [], roles: ['learner'] });
  });

  it('signs nobody in with a wrong password', async () => {
    const { at, page } = await signIn('ada', 'wrong');
    expect(page.body).toContain('Invalid username or password');
    expect(at.cookie(COOKIE)).toBeUndefined();
  });

  it('is met with PKCE, without which this client is refused', async () => {
    const at = browser();
    await at.get(`${portal.url}/auth/login`);
    const asked = new URL(at.visited[1] ?? '');
    expect(asked.searchParams.get('code_challenge_method')).toBe('S256');
    for (const name of ['code_challenge', 'code_challenge_method']) asked.searchParams.delete(name);
    const refused = await browser().ask(asked);
    expect(refused.headers.get('location')).toContain('error=invalid_request');
  });

  it('T22 refuses a callback a second time', async () => {
    const { at } = await signIn('ada');
    const again = await at.get(portal.lastCallback() ?? '');
    expect(JSON.parse(again.body)).toMatchObject({ code: 'not-signed-in', details: { reason: 'flow-used' } });
  });

  it('has no token exchange by default: a sandbox is given none, and told why', async () => {
    const { page } = await signIn('ada');
    const { id } = JSON.parse(page.body) as { id: string };
    const problem: unknown = await portal.identity
      .sandboxToken(id, 'rucio', 'openid')
      .catch((error: unknown) => error);
    expect(problem).toBeInstanceOf(Problem);
    expect(problem).toMatchObject({ code: 'forbidden', details: { reason: 'no-exchange' } });
  });

  it('T27 renews the login, and a group removed there is gone here with the next token', async () => {
    const { at, page } = await signIn('enrico');
    const user = await userOf('enrico');
    const groups = (await keycloak.admin('GET', `/users/${user}/groups`)) as { id: string; path: string }[];
    const instructors = groups.find((g) => g.path === '/icsc/palestra/instructors');
    await keycloak.admin('DELETE', `/users/${user}/groups/${instructors?.id ?? ''}`);
    await pastTheAccessToken();
    const now = await portal.identity.signedIn(at.cookie(COOKIE));
    expect(now?.person).toMatchObject({
      id: (JSON.parse(page.body) as { id: string }).id,
      groups: ['icsc/users'],
    });
    expect(now?.entitlements.roles).toEqual(['learner']);
  });

  it('T27 ends the session of somebody who is disabled there, with the token', async () => {
    const { at, page } = await signIn('ada');
    const told: string[] = [];
    using _listening = portal.identity.onSignedOut((_session, person) => told.push(person));
    await keycloak.admin('PUT', `/users/${await userOf('ada')}`, { enabled: false });
    await pastTheAccessToken();
    expect(await portal.identity.signedIn(at.cookie(COOKIE))).toBeNull();
    expect(told).toEqual([(JSON.parse(page.body) as { id: string }).id]);
  });

  async function userOf(username: string): Promise<string> {
    const [user] = (await keycloak.admin('GET', `/users?username=${username}&exact=true`)) as {
      id: string;
    }[];
    return user?.id ?? 'nobody';
  }
});

const pastTheAccessToken = () => new Promise((done) => setTimeout(done, ACCESS_LIFE * 1000 + 500));

/** Keycloak's page has one form; its address holds the session code. */
function actionOf(page: Page): string {
  const action = /<form[^>]* action="([^"]+)"/.exec(page.body)?.[1];
  if (action === undefined)
    throw new Error(`no login form but ${page.status} at ${page.url.href}: ${page.body.slice(0, 500)}`);
  return action.replaceAll('&amp;', '&');
}
