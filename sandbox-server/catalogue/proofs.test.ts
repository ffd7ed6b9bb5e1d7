import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Lesson } from '../contract/lesson.ts';
import type { Proof } from '../contract/proof.ts';
import { kitHash, provenOf, writeProof } from './proofs.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'palestra-proofs-'));
  await mkdir(join(root, 'infra/kits/base/tests'), { recursive: true });
  await writeFile(join(root, 'infra/kits/base/kit.yaml'), 'title: Base\n');
});
afterEach(() => rm(root, { recursive: true }));

const lesson = { course: 'c', id: '1-a', hash: 'abc', needs: { kit: 'base' } } as Lesson;
const proof = async (more: Partial<Proof> = {}): Promise<Proof> => ({
  lesson: 'c/1-a',
  hash: 'abc',
  kit: 'base',
  kitHash: await kitHash(root, 'base'),
  versions: { bash: '5.2' },
  driver: 'local',
  date: '2026-11-24',
  seconds: 12.5,
  steps: [{ id: 'a', seconds: 12.5 }],
  ...more,
});
const standing = async (of = lesson) => (await provenOf(root, of)).standing;

describe('a proof', () => {
  it('is read as it was written, and the same bytes each time', async () => {
    expect(await standing()).toBe('never');
    expect(await writeProof(root, await proof())).toBe('proofs/local/c/1-a.json');
    const bytes = await readFile(join(root, 'proofs/local/c/1-a.json'));
    await writeProof(root, await proof());
    expect(await readFile(join(root, 'proofs/local/c/1-a.json'))).toEqual(bytes);
    expect(await provenOf(root, lesson)).toEqual({
      standing: 'proven',
      proof: await proof(),
      each: [{ standing: 'proven', proof: await proof() }],
    });
  });
  it('no longer holds once the lesson or its kit has changed; tests of a kit are no part of it', async () => {
    await writeProof(root, await proof());
    expect(await standing({ ...lesson, hash: 'other' })).toBe('changed');
    await writeFile(join(root, 'infra/kits/base/tests/x.ts'), 'x');
    expect(await standing()).toBe('proven');
    await writeFile(join(root, 'infra/kits/base/kit.yaml'), 'title: Other\n');
    expect(await standing()).toBe('changed');
  });
  it('is one for each driver; the newest that holds speaks for the lesson', async () => {
    await writeProof(root, await proof({ driver: 'kubernetes', hash: 'old', date: '2026-12-01' }));
    await writeProof(root, await proof());
    const { standing, proof: speaks, each } = await provenOf(root, lesson);
    expect({ standing, driver: speaks?.driver }).toEqual({ standing: 'proven', driver: 'local' });
    expect(each.map((one) => [one.proof.driver, one.standing])).toEqual([
      ['local', 'proven'],
      ['kubernetes', 'changed'],
    ]);
  });
  it('that cannot be read is named with what to do', async () => {
    await mkdir(join(root, 'proofs/local/c'), { recursive: true });
    for (const text of ['{', '{}', JSON.stringify(await proof({ date: 'today' }))]) {
      await writeFile(join(root, 'proofs/local/c/1-a.json'), text);
      await expect(standing()).rejects.toThrow(
        /^proofs\/local\/c\/1-a\.json is no proof.*npm run prove -- c\/1-a --record/,
      );
    }
  });
});
