import { mkdtemp, mkdir, readFile, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compress } from './compress.ts';

const text = 'a page that says the same again and again. '.repeat(100);
let dist: string;

beforeEach(async () => {
  dist = await mkdtemp(join(tmpdir(), 'palestra-compress-'));
  await mkdir(join(dist, 'deep/er'), { recursive: true });
});
afterEach(() => rm(dist, { recursive: true }));

describe('compress', () => {
  it('writes both twins beside a file, also in deep folders, and they hold its content', async () => {
    await writeFile(join(dist, 'deep/er/index.html'), text);
    const done = await compress(dist);
    expect(gunzipSync(await readFile(join(dist, 'deep/er/index.html.gz'))).toString()).toBe(text);
    expect(brotliDecompressSync(await readFile(join(dist, 'deep/er/index.html.br'))).toString()).toBe(text);
    expect(done).toMatchObject({ files: 1, before: text.length });
    expect(done.after).toBeLessThan(text.length / 10);
  });
  it.each(['a.css', 'a.js', 'a.svg', 'a.json', 'a.xml'])('compresses %s', async (name) => {
    await writeFile(join(dist, name), text);
    expect((await compress(dist)).files).toBe(1);
  });
  it.each(['a.woff2', 'a.png', 'a.html.gz', 'a.pf_index', 'README'])('leaves %s alone', async (name) => {
    await writeFile(join(dist, name), text);
    expect(await compress(dist)).toEqual({ files: 0, before: 0, after: 0 });
    expect(await readdir(dist)).toEqual(expect.arrayContaining([name, 'deep']));
    expect(await readdir(dist)).toHaveLength(2);
  });
  it('leaves what is too small alone', async () => {
    await writeFile(join(dist, 'a.js'), 'x'.repeat(255));
    expect((await compress(dist)).files).toBe(0);
  });
  it('does nothing a second time, and all of it again once a file changed', async () => {
    await writeFile(join(dist, 'a.js'), text);
    await compress(dist);
    expect((await compress(dist)).files).toBe(0);
    await writeFile(join(dist, 'a.js'), `${text}!`);
    await utimes(join(dist, 'a.js'), 1_000, 1_000);
    expect((await compress(dist)).files).toBe(1);
    expect(gunzipSync(await readFile(join(dist, 'a.js.gz'))).toString()).toBe(`${text}!`);
  });
  it('says so where there is no built site', async () => {
    await expect(compress(join(dist, 'nowhere'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
