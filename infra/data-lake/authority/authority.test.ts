import { X509Certificate, createPrivateKey } from 'node:crypto';
import { once } from 'node:events';
import { access, chmod, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer, request } from 'node:https';
import { execFile } from 'node:child_process';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensureAuthority, ensureCertificate } from './authority.ts';
import { authorityPart } from './part.ts';
import { isFresh, parseCertificate } from '../../machine/certificate.ts';
import { HOST_LIFE } from './request.ts';
import { layOut } from '../find-place.ts';
import { lakePlace, type LakePlace } from '../place.ts';
import { forgetPlace, testPlace } from '../elements/testing/lake.ts';

const run = promisify(execFile);
const DAY = 86_400_000;

let place: LakePlace;
beforeEach(async () => {
  const found = await testPlace();
  // users of a lake need not exist here: what counts is the mode
  place = lakePlace({
    root: found.root,
    port: found.port,
    idp: found.idp,
    asRoot: false,
    temporary: found.root,
  });
  await layOut(place);
});
afterEach(() => forgetPlace(place));

const host = () => place.authority.certificates.cnaf;
const readHost = async () => new X509Certificate(await readFile(host().cert));

describe('the authority', () => {
  it('signs every host of the lake, and is found by programs of three kinds', async () => {
    expect(await ensureAuthority(place)).toHaveLength(6);
    for (const { cert, key, host } of Object.values(place.authority.certificates)) {
      await run('openssl', ['verify', '-CAfile', place.authority.ca, '-verify_hostname', host, cert]);
      await run('openssl', ['verify', '-CApath', place.authority.folder, cert]);
      expect((await stat(key)).mode & 0o777).toBe(0o600);
      expect((await stat(cert)).mode & 0o777).toBe(0o644);
    }
    expect((await stat(place.authority.caKey)).mode & 0o777).toBe(0o600);
    expect(await readFile(place.authority.bundle, 'utf8')).toContain(
      await readFile(place.authority.ca, 'utf8'),
    );
    expect((await authorityPart(place).health()).found).toMatch(/good for (89|90) days/);
  });

  it('is made once: the second time nothing changes', async () => {
    await ensureAuthority(place);
    const before = await Promise.all([
      readFile(place.authority.ca),
      readFile(host().cert),
      readFile(host().key),
    ]);
    expect(await ensureAuthority(place)).toEqual([]);
    expect(
      await Promise.all([readFile(place.authority.ca), readFile(host().cert), readFile(host().key)]),
    ).toEqual(before);
  });

  it('is trusted in a real handshake, and nobody else is', async () => {
    await ensureAuthority(place);
    const server = createServer(
      { cert: await readFile(host().cert), key: await readFile(host().key) },
      (_, res) => res.end('hello'),
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const ask = (servername: string, ca?: Buffer) =>
      new Promise<string>((done) => {
        const out = request({ host: '127.0.0.1', port, servername, ca, agent: false }, (answer) => {
          answer.resume();
          done(String(answer.statusCode));
        });
        out.once('error', (error: NodeJS.ErrnoException) => done(error.code ?? error.message));
        out.end();
      });
    const ca = await readFile(place.authority.ca);
    expect(await ask('cnaf.palestra.test', ca)).toBe('200');
    expect(await ask('napoli.palestra.test', ca)).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
    expect(await ask('cnaf.palestra.test')).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
    server.closeAllConnections();
    server.close();
  });

  it('may sign names of the lake and no others', async () => {
    await ensureAuthority(place);
    const at = (name: string) => join(place.root, name);
    await ensureCertificate(place, {
      cert: at('evil.pem'),
      key: at('evil.key'),
      host: 'www.infn.it',
      user: null,
    });
    await expect(run('openssl', ['verify', '-CAfile', place.authority.ca, at('evil.pem')])).rejects.toThrow(
      /permitted subtree violation/,
    );
  });

  it('F18 renews a host a month before its end, and the authority a year before', async () => {
    await ensureAuthority(place);
    const first = await readHost();
    expect(await ensureAuthority(place, Date.now() + 59 * DAY)).toEqual([]);
    expect(await ensureAuthority(place, Date.now() + 61 * DAY)).toHaveLength(6);
    expect((await readHost()).serialNumber).not.toBe(first.serialNumber);
    const root = await readFile(place.authority.ca);
    const key = await readFile(place.authority.caKey);
    await ensureAuthority(place, Date.now() + 1_470 * DAY);
    expect(await readFile(place.authority.ca)).not.toEqual(root);
    expect(await readFile(place.authority.caKey)).toEqual(key);
    await run('openssl', ['verify', '-CAfile', place.authority.ca, host().cert]);
  });

  it('F18 a clock that was put back makes certificates of the future, which are made anew', async () => {
    await ensureAuthority(place);
    expect(isFresh(await readHost(), HOST_LIFE, Date.now() - DAY)).toBe(false);
  });

  it.each([
    ['the certificate is gone', () => rm(host().cert)],
    ['the key is gone', () => rm(host().key)],
    [
      'the certificate is half a file',
      async () => writeFile(host().cert, (await readFile(host().cert)).subarray(0, 200)),
    ],
    ['the key is empty', () => writeFile(host().key, '')],
    [
      'the key is half a file',
      async () => writeFile(host().key, (await readFile(host().key)).subarray(0, 60)),
    ],
    [
      "the key is another host's",
      async () => writeFile(host().key, await readFile(place.authority.certificates.iam.key)),
    ],
    [
      "the certificate is another host's",
      async () => {
        await writeFile(host().cert, await readFile(place.authority.certificates.iam.cert));
        await writeFile(host().key, await readFile(place.authority.certificates.iam.key));
      },
    ],
  ])('F17 mends it when %s', async (_, harm) => {
    await ensureAuthority(place);
    await harm();
    expect(await ensureAuthority(place)).toEqual(['cnaf.palestra.test']);
    await run('openssl', [
      'verify',
      '-CAfile',
      place.authority.ca,
      '-verify_hostname',
      host().host,
      host().cert,
    ]);
    expect((await readHost()).checkPrivateKey(createPrivateKey(await readFile(host().key)))).toBe(true);
  });

  it('another authority signs everything anew', async () => {
    await ensureAuthority(place);
    await rm(place.authority.ca);
    await rm(place.authority.caKey);
    expect((await authorityPart(place).health()).ok).toBe(false);
    expect(await ensureAuthority(place)).toHaveLength(6);
    await run('openssl', ['verify', '-CAfile', place.authority.ca, host().cert]);
  });

  it('keeps its folder to public certificates that everybody can read (trap 1)', async () => {
    await ensureAuthority(place);
    const before = await readdir(place.authority.folder);
    await writeFile(join(place.authority.folder, 'ca.key'), 'secret', { mode: 0o600 });
    await symlink('/nowhere', join(place.authority.folder, 'dangling'));
    await ensureAuthority(place);
    expect((await readdir(place.authority.folder)).sort()).toEqual(before.sort());
    expect(before).toHaveLength(2);
    for (const name of before)
      expect((await stat(join(place.authority.folder, name))).mode & 0o444).toBe(0o444);
    expect((await stat(place.authority.folder)).mode & 0o005).toBe(0o005);
  });

  it('leaves nothing half-made behind, also when openssl fails', async () => {
    await ensureAuthority(place);
    await chmod(place.authority.caKey, 0o600);
    await writeFile(place.authority.caKey, 'no key');
    await expect(ensureAuthority(place)).rejects.toThrow(/openssl/);
    expect((await readdir(place.folders.authority)).filter((name) => name.startsWith('workshop'))).toEqual(
      [],
    );
  });

  it('says before it is made that there is none', async () => {
    expect(await authorityPart(place).health()).toEqual({
      ok: false,
      found: 'no authority yet',
      todo: 'node lake.ts up',
    });
    await expect(access(place.authority.ca)).rejects.toThrow();
  });
});

describe('a certificate', () => {
  it.each(['', 'x', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'])('%j is none', (text) =>
    expect(parseCertificate(text)).toBeNull(),
  );
});
