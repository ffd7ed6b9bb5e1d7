import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ServiceAddress, ServiceFile } from '../../sandbox-server/contract/service.ts';
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { addressOf } from './address.ts';
import { homeOf } from './elements/folders.ts';
import { findLake, hostsText, lakeOfEnvironment } from './find-place.ts';
import { audiencesOf, elementOf, endpointsOf, hostsLine, lakePlace } from './place.ts';

const at = (asRoot: boolean) =>
  lakePlace({ root: '/lake', port: 31_440, idp: '/idp', asRoot, temporary: '/tmp' });

describe('names and ports of a lake', () => {
  it('stand where lessons, certificates and tokens have them', () => {
    const place = at(true);
    expect(endpointsOf(place)).toEqual([
      { host: 'iam.palestra.test', port: 31_443 },
      { host: 'fts.palestra.test', port: 31_446 },
      { host: 'rucio.palestra.test', port: 31_447 },
      { host: 'cnaf.palestra.test', port: 31_451 },
      { host: 'napoli.palestra.test', port: 31_452 },
      { host: 'archive.palestra.test', port: 31_453 },
      // root:// of the disks
      { host: 'cnaf.palestra.test', port: 31_471 },
      { host: 'napoli.palestra.test', port: 31_472 },
    ]);
    expect(place.issuer).toBe('https://iam.palestra.test:31443/');
    expect(audiencesOf(place)).toEqual([
      'rucio',
      'cnaf.palestra.test',
      'napoli.palestra.test',
      'archive.palestra.test',
    ]);
    expect(place.elements.map(({ rse, nature, inner }) => [rse, nature, inner])).toEqual([
      ['CNAF_USERDISK', 'disk', 31_461],
      ['NAPOLI_USERDISK', 'disk', 31_462],
      ['ARCHIVE_USERDISK', 'tape', 31_463],
    ]);
  });

  it('as root every server has a user of its own; else all are ours', () => {
    const users = Object.values(at(true).users);
    expect(new Set(users).size).toBe(users.length);
    expect(users).not.toContain(null);
    expect(new Set(Object.values(at(false).users))).toEqual(new Set([null]));
  });

  it('sockets are short: 107 bytes are all a path may have', () => {
    expect(at(true).stewardSocket.length).toBeLessThan(80);
    const deep = lakePlace({
      ...{ root: `/home/${'deep/'.repeat(40)}lake`, port: 31_440, idp: '/idp' },
      ...{ asRoot: false, temporary: '/tmp' },
    });
    for (const element of deep.elements) {
      const { admin, rootAdmin } = homeOf(deep, element);
      for (const folder of [admin, rootAdmin]) expect(folder.length).toBeLessThan(70);
    }
  });

  it('an element is found by its name or its RSE, and one that is not names those that are', () => {
    expect(elementOf(at(true), 'CNAF_USERDISK').name).toBe('cnaf');
    expect(elementOf(at(true), 'archive').rse).toBe('ARCHIVE_USERDISK');
    expect(() => elementOf(at(true), 'BARI')).toThrow(/CNAF_USERDISK, NAPOLI_USERDISK, ARCHIVE_USERDISK/);
  });

  it('the service says them in the words of the contract', async () => {
    const address = ServiceAddress.parse(addressOf(at(true), true));
    expect(address.ca).toBe('/lake/authority/ca.pem');
    expect(address.env['PALESTRA_LAKE_RUCIO']).toBe('https://rucio.palestra.test:31447');
    const file = ServiceFile.parse(parse(await readFile(join(import.meta.dirname, 'service.yaml'), 'utf8')));
    expect(file).toMatchObject({ name: 'data-lake', admits: true });
  });
});

describe('/etc/hosts of the lake', () => {
  it('begins with the machine’s own lines, without another lake’s', () => {
    const system = '127.0.0.1 localhost\n10.0.0.9 rucio.palestra.test # an older one\n10.0.0.1 machine\n';
    expect(hostsText(system, '127.0.0.1 iam.palestra.test rucio.palestra.test')).toBe(
      '127.0.0.1 localhost\n10.0.0.1 machine\n127.0.0.1 iam.palestra.test rucio.palestra.test\n',
    );
  });
  it('has one line of ours, of every endpoint', () => {
    expect(hostsLine(at(true)).split(' ')).toHaveLength(7);
  });
});

describe('where a lake lives', () => {
  it('another port is another folder, and shares environments', async () => {
    const state = await mkdtemp(join(tmpdir(), 'lake-'));
    const [usual, other] = [
      await findLake({ state, asRoot: false }),
      await findLake({ state, port: 32_440, asRoot: false }),
    ];
    expect(usual.root).toBe(join(state, 'lake'));
    expect(other.root).toBe(join(state, 'lake-32440'));
    expect(other.folders.env).toBe(usual.folders.env);
    expect(other.sockets).not.toBe(usual.sockets);
  });

  it.each(['80', 'x', '65530', '1.5'])('PALESTRA_LAKE_PORT=%s is refused', async (port) => {
    expect(() => lakeOfEnvironment({ PALESTRA_LAKE_PORT: port }, '/nowhere')).toThrow(/is no port/);
    await Promise.resolve();
  });
});
