import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { kitHash, readKits, type KitDefinition } from './kit-file.ts';

const LOWER = `title: Lower
environments:
  - { folder: ., requirements: requirements.lock }
  - { folder: old, requirements: old.lock }
files: files
show: [dask]
system: [{ package: jq, file: /usr/bin/jq }]
systemModules: [gfal2]
programs: [palestra]
env: { SHARED: below, LOWER: '{kit}/etc' }
`;
const UPPER = `title: Upper
from: lower
environments:
  - { folder: ., requirements: more.lock }
  - { folder: new }
files: own
show: [gym, dask]
system: [{ package: jq, file: /usr/bin/jq }, { package: tree, file: /usr/bin/tree }]
env: { SHARED: above }
`;

let root: string;
const put = async (files: Readonly<Record<string, string>>) => {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
};
const kit = async (name: string): Promise<KitDefinition> =>
  (await readKits(root)).find((one) => one.name === name) ?? expect.fail();

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'kits-'));
  await put({
    'lower/kit.yaml': LOWER,
    'lower/requirements.lock': 'dask==1 --hash=sha256:0\n',
    'lower/old.lock': 'dask==0 --hash=sha256:0\n',
    'lower/files/etc/one': 'lower one',
    'lower/files/etc/two': 'lower two',
    'upper/kit.yaml': UPPER,
    'upper/more.lock': 'gym==1 --hash=sha256:0\n',
    'upper/own/etc/two': 'upper two',
  });
});
afterEach(() => rm(root, { recursive: true }));

describe('a kit from another', () => {
  it('has all of it, and adds to it', async () => {
    const upper = await kit('upper');
    expect(upper).toEqual({
      name: 'upper',
      title: 'Upper',
      from: 'lower',
      image: null,
      environments: [
        {
          folder: '.',
          lists: [
            { path: join(root, 'lower/requirements.lock'), text: 'dask==1 --hash=sha256:0\n' },
            { path: join(root, 'upper/more.lock'), text: 'gym==1 --hash=sha256:0\n' },
          ],
        },
        { folder: 'old', lists: [{ path: join(root, 'lower/old.lock'), text: 'dask==0 --hash=sha256:0\n' }] },
        { folder: 'new', lists: [] },
      ],
      files: [
        { path: 'etc/one', content: 'lower one', executable: false },
        { path: 'etc/two', content: 'upper two', executable: false },
      ],
      system: [
        { package: 'jq', file: '/usr/bin/jq' },
        { package: 'tree', file: '/usr/bin/tree' },
      ],
      systemModules: ['gfal2'],
      programs: ['palestra'],
      show: ['dask', 'gym'],
      env: { SHARED: 'above', LOWER: '{kit}/etc' },
    });
  });

  it('leaves the other as it is', async () => {
    expect((await kit('lower')).files.map(({ content }) => content)).toEqual(['lower one', 'lower two']);
  });

  it('needs nothing of its own but a title, and goes through several', async () => {
    await put({ 'top/kit.yaml': 'title: Top\nfrom: upper\n' });
    const top = await kit('top');
    expect(top.environments).toEqual((await kit('upper')).environments);
    expect(top.env['SHARED']).toBe('above');
  });

  it('is another preparation when the kit below changes', async () => {
    const python = { path: '/usr/bin/python3', version: '3.11.2' };
    const before = kitHash(await kit('upper'), python);
    await put({ 'lower/old.lock': 'dask==0.1 --hash=sha256:0\n' });
    expect(kitHash(await kit('upper'), python)).not.toBe(before);
  });

  it.each([
    ['title: X\nfrom: nobody\n', /upper\/kit.yaml: from: there is no kit "nobody"; there are: lower, upper/],
    ['title: X\nfrom: upper\n', /upper\/kit.yaml: from: "upper" is itself from this kit/],
    ['title: X\nfrom: ../lower\n', /upper\/kit.yaml[^]*at from/],
    ['title: X\n', /upper\/kit.yaml: environments: at least one, or `from` another kit/],
  ])('with a mistake is refused with its file and field: %j', async (text, words) => {
    await put({ 'upper/kit.yaml': text });
    await expect(readKits(root)).rejects.toThrow(words);
  });

  it('is refused where two are from each other', async () => {
    await put({ 'lower/kit.yaml': 'title: X\nfrom: upper\n' });
    await expect(readKits(root)).rejects.toThrow(/from: "(upper|lower)" is itself from this kit/);
  });
});
