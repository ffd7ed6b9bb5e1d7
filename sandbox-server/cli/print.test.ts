import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findChromium } from './chromium.ts';
import { pdfOf } from './print.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'palestra-print-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('the browser that prints', () => {
  it('is one of the PATH that can be started, else none', async () => {
    const empty = join(folder, 'empty');
    await mkdir(empty);
    const here = join(folder, 'chromium');
    await writeFile(here, '');
    const env = { PATH: `${empty}:${join(folder, 'absent')}:${folder}` };
    expect(await findChromium(env)).toBeNull();
    await chmod(here, 0o755);
    expect(await findChromium(env)).toBe(here);
  });

  it('that fails says what it said', async () => {
    const bad = join(folder, 'chromium');
    await writeFile(bad, '#!/bin/sh\necho "no display" >&2; exit 1\n', { mode: 0o755 });
    await expect(pdfOf(folder, '/', bad, join(folder, 'x.pdf'))).rejects.toThrow(
      /made no PDF: [^]*no display/,
    );
  });
});

const chromium = await findChromium();
// a machine without a browser can still run everything else; CI has one
describe.skipIf(chromium === null && process.env['CI'] !== 'true')('a page', () => {
  it('becomes a PDF with its styles, a sheet for each lesson', { timeout: 120_000 }, async () => {
    await mkdir(join(folder, 'courses/c/print'), { recursive: true });
    await writeFile(join(folder, 'style.css'), 'article { break-before: page }');
    await writeFile(
      join(folder, 'courses/c/print/index.html'),
      '<link rel="stylesheet" href="/style.css"><h1>C</h1><article>One</article><article>Two</article>',
    );
    const out = join(folder, 'c.pdf');
    await pdfOf(folder, '/courses/c/print/', chromium ?? expect.fail('CI has no Chromium'), out);
    const pdf = (await readFile(out)).toString('latin1');
    expect(pdf.slice(0, 5)).toBe('%PDF-');
    expect(pdf.match(/\/Type \/Page\b/g)).toHaveLength(3);
  });
});
