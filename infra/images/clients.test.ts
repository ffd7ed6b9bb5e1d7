import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aptSources, readClients, thisSystem } from './clients.ts';

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'machine-'))));
afterEach(() => rm(folder, { recursive: true }));
const put = async (name: string, text: string) => {
  await writeFile(join(folder, name), text);
  return join(folder, name);
};

describe('what a build is lent', () => {
  it('is how to reach indexes, and nothing else of the environment', async () => {
    const env = {
      UV_INDEX_URL: 'https://index.example/simple',
      UV_INDEX_INNER_PASSWORD: 'x',
      HTTPS_PROXY: 'http://proxy.example:3128',
      UV_CACHE_DIR: '/home/ada/.cache/uv',
      UV_PYTHON: '/usr/bin/python3',
      AWS_SECRET_ACCESS_KEY: 'secret',
      HOME: '/home/ada',
      SSL_CERT_FILE: await put('ca.pem', 'CERTIFICATES'),
      UV_CONFIG_FILE: await put('uv.toml', 'native-tls = true'),
    };
    const { env: lent, files } = await readClients({ apt: null, env });
    expect(lent).toMatchObject({
      UV_INDEX_URL: 'https://index.example/simple',
      UV_INDEX_INNER_PASSWORD: 'x',
      HTTPS_PROXY: 'http://proxy.example:3128',
      SSL_CERT_FILE: '{clients}/certificates.pem',
      UV_CONFIG_FILE: '{clients}/uv.toml',
      APT_CONFIG: '{clients}/apt.conf',
    });
    for (const name of ['UV_CACHE_DIR', 'UV_PYTHON', 'AWS_SECRET_ACCESS_KEY', 'HOME'])
      expect(lent).not.toHaveProperty(name);
    expect(Buffer.from(files['certificates.pem'] ?? '', 'base64').toString()).toBe('CERTIFICATES');
    const apt = Buffer.from(files['apt.conf'] ?? '', 'base64').toString();
    expect(apt).toContain('Dir::State::lists "{clients}/lists/";');
    expect(apt).not.toContain('sourcelist');
  });
});

describe('sources of this machine', () => {
  it('come from both forms of files, vendors left out', async () => {
    await mkdir(join(folder, 'sources.list.d'));
    await put('sources.list', 'deb http://one.example/debian bookworm main\n');
    await put(
      'sources.list.d/x.sources',
      'Types: deb\nURIs: http://two.example\nSuites: bookworm-security\nComponents: main\n',
    );
    await put('sources.list.d/vendor.list', 'deb http://vendor.example bookworm stable\n');
    await put('sources.list.d/off.list.disabled', 'deb http://off.example bookworm main\n');
    const found = await aptSources('bookworm', folder);
    expect(found.flatMap(({ uris }) => uris)).toEqual(['http://one.example/debian', 'http://two.example']);
  });

  it('without one of its own system, say what to do', async () => {
    await expect(aptSources('bookworm', folder)).rejects.toThrow('name a base image instead, with --base');
  });
});

describe('this system', () => {
  it.each([
    ['ID=debian\nVERSION_CODENAME=bookworm\n', { id: 'debian', codename: 'bookworm' }],
    ['NAME="Ubuntu"\nID="ubuntu"\nVERSION_CODENAME="noble"\n', { id: 'ubuntu', codename: 'noble' }],
  ])('is read from os-release: %j', async (text, system) => {
    expect(await thisSystem(await put('os-release', text))).toEqual(system);
  });

  it.each(['ID=fedora\nVERSION_CODENAME=""\n', ''])('that has no such packages is told: %j', async (text) => {
    await expect(thisSystem(await put('os-release', text))).rejects.toThrow('--base IMAGE');
  });
});
