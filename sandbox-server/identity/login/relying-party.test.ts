/** Discovery: issuers with and without a slash, a provider that is down, and one that says it is another. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { OidcConfig } from '../../contract/config.ts';
import { Problem } from '../../contract/errors.ts';
import { silentLog } from '../../telemetry/index.ts';
import { begin, login, startTrial, type Trial } from '../testing/login.ts';
import { relyingParty } from './relying-party.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});
async function trialWith(options: Parameters<typeof startTrial>[0]): Promise<Trial> {
  const trial = await startTrial(options);
  closing.push(() => trial.close());
  return trial;
}
const problem = (work: Promise<unknown>) =>
  work.then(
    () => 'no problem',
    (e: unknown) => (e instanceof Problem ? { code: e.code, reason: e.details?.reason } : e),
  );

describe('the issuer', () => {
  it.each([
    ['', ''],
    ['', '/'],
    ['/realms/icsc', ''],
    ['/realms/icsc', '/'],
  ])('at path "%s" may be configured without the slash "%s" that the provider says', async (path, slash) => {
    const trial = await trialWith({ path });
    const said = `${trial.hostile.issuer}${slash}`;
    trial.hostile.metadata = { issuer: said };
    const { signedIn } = await login(trial, { iss: said });
    expect(signedIn.person.login).toBe('ada');
  });
  it.each(['', '/realms/icsc'])(
    'at path "%s" may be configured with a slash that the provider does not say',
    async (path) => {
      const trial = await trialWith({ path });
      const issuer = `${trial.hostile.issuer}/`;
      const oidc = OidcConfig.parse({ issuer, clientId: 'portal-under-test' });
      const identity = trial.again({ oidc });
      expect((await begin(identity)).location.href).toContain(trial.hostile.issuer);
    },
  );
  it('gives the same person with and without the slash, and another one at another provider', async () => {
    const trial = await trialWith({});
    const plain = await login(trial);
    const other = await trialWith({});
    const slashed = `${trial.hostile.issuer}/`;
    trial.hostile.metadata = { issuer: slashed };
    const identity = trial.again();
    const begun = await begin(identity);
    trial.hostile.onToken = async () => ({
      body: {
        access_token: 'a',
        token_type: 'Bearer',
        expires_in: 60,
        id_token: await trial.hostile.idToken({ iss: slashed, nonce: begun.nonce }),
      },
    });
    const { signedIn } = await identity.finish(new URL(`http://x/?code=c&state=${begun.state}`), begun.flow);
    expect(signedIn.person.id).toBe(plain.signedIn.person.id);
    expect((await login(other)).signedIn.person.id).not.toBe(signedIn.person.id);
  });
  it('T17 is refused where the document names another', async () => {
    const trial = await trialWith({});
    trial.hostile.metadata = { issuer: 'https://iam.example.org' };
    expect(await problem(begin(trial.identity))).toEqual({ code: 'unavailable', reason: 'wrong-issuer' });
  });
  it('is asked for once, and the keys are not asked for before they are needed', async () => {
    const trial = await trialWith({});
    await Promise.all([begin(trial.identity), begin(trial.identity), begin(trial.identity)]);
    expect(trial.hostile.asked).toMatchObject({ discovery: 1, jwks: 0 });
  });
});

describe('a provider that is down', () => {
  const party = (issuer: string) =>
    relyingParty({
      oidc: OidcConfig.parse({ issuer, clientId: 'x' }),
      secret: undefined,
      url: 'http://localhost:4747',
      log: silentLog(),
    });

  it('is said in a sentence, and login works once it is up', async () => {
    const port = await freePort();
    const asked = party(`http://127.0.0.1:${port}`);
    expect(await problem(asked.configuration())).toEqual({ code: 'unavailable', reason: 'provider-down' });
    const server = await answering(port, {
      issuer: `http://127.0.0.1:${port}`,
      authorization_endpoint: `http://127.0.0.1:${port}/a`,
    });
    closing.push(() => new Promise((done) => void server.close(() => done()).closeAllConnections()));
    await expect
      .poll(() => problem(asked.configuration()), { timeout: 10_000, interval: 200 })
      .toBe('no problem');
  });
  it.each([
    ['garbage', 'not json at all'],
    ['an error page', undefined],
  ])('may also answer %s', async (_what, document) => {
    const port = await freePort();
    const server = await answering(port, document);
    closing.push(() => new Promise((done) => void server.close(() => done()).closeAllConnections()));
    expect(await problem(party(`http://127.0.0.1:${port}`).configuration())).toMatchObject({
      code: 'unavailable',
    });
  });
  it.each(['http://iam.example.org', 'http://localhost.example.org', 'ftp://localhost'])(
    '%s is never asked in the clear beyond this machine',
    (issuer) => {
      expect(() => party(issuer)).toThrow(/https/);
    },
  );
});

it('refuses to start where the named secret is not set', async () => {
  const trial = await trialWith({});
  const oidc = OidcConfig.parse({
    issuer: 'https://iam.example.org',
    clientId: 'x',
    clientSecretEnv: 'PALESTRA_SECRET_NOT_SET',
  });
  const { clientSecret: _none, ...options } = { clientSecret: undefined, oidc };
  expect(() => trial.again({ ...options, clientSecret: undefined as unknown as string })).toThrow(
    /PALESTRA_SECRET_NOT_SET/,
  );
});

async function freePort(): Promise<number> {
  const server = await answering(0, undefined);
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}
function answering(port: number, document: unknown): Promise<Server> {
  const server = createServer((_req, res) => {
    res.writeHead(document === undefined ? 404 : 200, { 'content-type': 'application/json' });
    res.end(typeof document === 'string' ? document : JSON.stringify(document ?? {}));
  });
  return new Promise((done) => server.listen(port, '127.0.0.1', () => done(server)));
}
