/** Files as they come: empty, with spaces, in Unicode, with `..`, larger than any quota. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { missing, openWorld, type Learner, type World } from './world.ts';

const lacks = missing();
if (lacks !== null) console.warn(`skipped: ${lacks}`);
const N = Date.now().toString(36);

describe.skipIf(lacks !== null)('names and sizes', () => {
  let world: World;
  let learner: Learner;

  beforeAll(async () => {
    world = await openWorld();
    await world.up();
    learner = await world.learner('galvani');
  });
  afterAll(() => world.leave());
  const upload = async (file: string, ...words: string[]) =>
    (await learner.rucio('upload', '--rse', 'CNAF_USERDISK', '--scope', learner.scope, ...words, file)).out;

  it('an empty file is stored, with the checksum of nothing, and comes back', async () => {
    const name = `empty-${N}`;
    await learner.shell(`: > ${name}`);
    expect(await upload(name)).toContain('Successfully uploaded');
    const [meta] = await learner.rows('GET', `/dids/${learner.scope}/${name}/meta`);
    expect(meta).toMatchObject({ bytes: 0, adler32: '00000001' });
    await learner.rucio('download', '--dir', 'dl', `${learner.scope}:${name}`);
    expect((await learner.shell(`stat -c %s dl/${learner.scope}/${name}`)).out).toBe('0\n');
  });

  it.each(['with space.dat', 'però.dat', '銀河.dat', 'a%2e%2e.dat'])(
    'a file called %j is refused by its name, under which nothing is left',
    async (name) => {
      await learner.shell(`echo x > '${name}'`);
      expect(await upload(name)).toMatch(
        /Provided object does not match schema|Problem validating|InvalidObject/,
      );
      const found = await learner.rows('GET', `/dids/${learner.scope}/dids/search?type=all&name=*`);
      expect(JSON.stringify(found)).not.toContain(name.slice(0, 3));
    },
  );

  it.each(['../lagrange/x', '..', '%2e%2e%2flagrange%2fx', 'a/../../../../lagrange/77/b6/b', 'a//b'])(
    'T31 a name %j makes no path',
    async (name) => {
      const answer = await learner.rest('POST', '/replicas', {
        rse: 'CNAF_USERDISK',
        files: [{ scope: learner.scope, name, bytes: 1, adler32: '00010001' }],
      });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
    },
  );

  it('a sparse file of 2 GB is more than the quota, which is said before a byte is sent', async () => {
    const name = `sparse-${N}.dat`;
    await learner.shell(`truncate -s 2G ${name}`);
    expect(await upload(name)).toContain("insufficient quota on any of the target RSE's");
    await learner.shell(`rm ${name}`);
  }, 240_000);
});
