import { expect, it } from 'vitest';
import { wordsOf } from './buildah.ts';

it('a build is arguments, labels, what steps are lent, and the context last', () => {
  expect(
    wordsOf({
      reference: 'localhost/palestra/x:1',
      containerfile: '/kits/x/Containerfile',
      context: '/tmp/context',
      args: { BASE: 'localhost/b:1', CONTENT: 'abc' },
      labels: { PALESTRA_KIT: 'x' },
      clients: '/tmp/clients.json',
      volumes: { '/cache/uv': '/srv' },
    }),
  ).toEqual([
    ...['--build-arg', 'BASE=localhost/b:1', '--build-arg', 'CONTENT=abc'],
    ...['--label', 'PALESTRA_KIT=x', '--annotation', 'PALESTRA_KIT=x'],
    ...['--volume', '/cache/uv:/srv', '--secret', 'id=clients,src=/tmp/clients.json'],
    ...['--file', '/kits/x/Containerfile', '--tag', 'localhost/palestra/x:1', '/tmp/context'],
  ]);
});
