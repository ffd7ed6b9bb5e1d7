/** With the real uv and the index that kits are installed from. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { lockList } from './lock-list.ts';
import { findPython } from './python.ts';
import { provideUv } from './uv.ts';

const UV_LOCK = new URL('../../../../infra/kits/uv.lock', import.meta.url).pathname;
// not the newest: without the kit below it another one would be taken
const HELD = 'iniconfig==2.0.0';

describe('the list of a kit', { timeout: 120_000 }, () => {
  let above: string;
  let kits: string;
  let uv: string;
  beforeAll(async () => {
    above = await mkdtemp(join(tmpdir(), 'kit-lock-'));
    const python = (await findPython())?.path ?? '';
    const signal = AbortSignal.timeout(100_000);
    uv = await provideUv({ tools: join(above, 'tools'), lock: UV_LOCK, python, signal });
  }, 120_000);
  beforeEach(async () => {
    kits = await mkdtemp(join(above, 'kits-'));
    await kit('low', 'title: Low\nenvironments: [{ folder: ., requirements: low.lock }]\n');
    await writeFile(join(kits, 'low/low.lock'), `${HELD}\n`);
    await kit('middle', 'title: Middle\nfrom: low\n');
    // it names a list that is still to be made
    await kit(
      'top',
      'from: middle\ntitle: Top\nenvironments: [{ folder: ., requirements: requirements.lock }]\n',
    );
  });
  afterAll(() => rm(above, { recursive: true }));

  const lock = (name: string) => lockList({ kits, name, uv, signal: AbortSignal.timeout(100_000) });
  async function kit(name: string, text: string): Promise<void> {
    await mkdir(join(kits, name));
    await writeFile(join(kits, name, 'kit.yaml'), text);
  }

  it('keeps the versions of the kits below, has hashes, and no address of an index', async () => {
    await writeFile(join(kits, 'top/requirements.in'), 'iniconfig\n');
    const text = await readFile(await lock('top'), 'utf8');
    expect(text).toMatch(/^iniconfig==2\.0\.0 \\\n {4}--hash=sha256:[0-9a-f]{64}/m);
    expect(text).not.toMatch(/https?:|index-url/);
    expect(text).not.toContain(above);
  });

  it('is refused where it wants what a kit below holds at another version, in uv’s words', async () => {
    await writeFile(join(kits, 'top/requirements.in'), 'iniconfig==2.1.0\n');
    await expect(lock('top')).rejects.toMatchObject({
      code: 'bad-request',
      message: expect.stringMatching(
        /top\/requirements\.in cannot be locked: .*iniconfig==2\.[01]\.0/s,
      ) as string,
    });
  });

  it.each([
    ['top', /Write .*top\/requirements\.in first/],
    ['nobody', /nobody\/kit\.yaml is not there/],
    ['../top', /"\.\.\/top" cannot be a kit's name/],
  ])('says what is missing: %s', async (name, words) => {
    await expect(lock(name)).rejects.toThrow(words);
  });

  it('ends for a kit that is from itself: whoever builds it is told', async () => {
    await writeFile(join(kits, 'low/kit.yaml'), 'title: Low\nfrom: top\n');
    await writeFile(join(kits, 'top/requirements.in'), 'iniconfig==2.0.0\n');
    expect(await readFile(await lock('top'), 'utf8')).toContain(HELD);
  });
});
