import { describe, expect, it } from 'vitest';
import { sourcesOf, toDeb822 } from './apt-sources.ts';

const NEW = `Types: deb deb-src
# a comment
URIs: http://one.example/debian http://two.example/debian
Suites: bookworm bookworm-updates bookworm-backports
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://one.example/debian-security
Suites: bookworm-security
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 abc
 -----END PGP PUBLIC KEY BLOCK-----

Types: deb
Enabled: no
URIs: http://off.example/debian
Suites: bookworm
Components: main
`;

describe('sources of the distribution itself', () => {
  it('are read from deb822 files: own suites alone, keys kept, what is switched off left out', () => {
    expect(sourcesOf(NEW, 'bookworm')).toEqual([
      {
        uris: ['http://one.example/debian', 'http://two.example/debian'],
        suites: ['bookworm', 'bookworm-updates'],
        components: ['main', 'contrib'],
        signedBy: '/usr/share/keyrings/debian-archive-keyring.gpg',
      },
      {
        uris: ['http://one.example/debian-security'],
        suites: ['bookworm-security'],
        components: ['main'],
        signedBy: '-----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc\n -----END PGP PUBLIC KEY BLOCK-----',
      },
    ]);
  });

  it('are read from lines, with and without options', () => {
    const text = [
      '# deb http://no.example/debian bookworm main',
      'deb http://one.example/debian bookworm main contrib # why',
      'deb [arch=amd64 signed-by=/etc/apt/keyrings/x.asc] https://two.example/debian bookworm-security main',
      'deb-src http://one.example/debian bookworm main',
      'deb https://vendor.example/linux bookworm stable',
      'deb https://pg.example/apt bookworm-pgdg main',
      'deb https://node.example/node nodistro main',
    ].join('\n');
    expect(sourcesOf(text, 'bookworm')).toEqual([
      {
        uris: ['http://one.example/debian'],
        suites: ['bookworm'],
        components: ['main', 'contrib'],
        signedBy: null,
      },
      {
        uris: ['https://two.example/debian'],
        suites: ['bookworm-security'],
        components: ['main'],
        signedBy: '/etc/apt/keyrings/x.asc',
      },
    ]);
  });

  it('are written so that they read the same', () => {
    for (const text of [NEW, 'deb http://one.example/debian bookworm main\n']) {
      const read = sourcesOf(text, 'bookworm');
      expect(sourcesOf(toDeb822(read), 'bookworm')).toEqual(read);
    }
  });

  it('of another system, and empty files, are none', () => {
    expect(sourcesOf(NEW, 'noble')).toEqual([]);
    expect(sourcesOf('', 'bookworm')).toEqual([]);
  });
});
