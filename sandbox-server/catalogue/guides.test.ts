import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { guideTexts, isProven, readGuides } from './guides.ts';
import { loadCatalogue } from './load.ts';
import { withGuides } from './with-guides.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'guides-'));
});
afterEach(() => rm(root, { recursive: true }));
async function put(path: string, text: string): Promise<void> {
  const file = join(root, 'site/src/content/docs', path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}
const GUIDE =
  '---\ntitle: Look around\ndescription: D\nkit: dask\nmask: ["[0-9]+"]\n---\nText.\n\n## Look\n\n```bash\nls\n```\n\n```text output\na\n```\n\n```yaml\na: 1\n```\n';

describe('guides', () => {
  it('with a kit are lessons, whose plain shell is run; others are text', async () => {
    await put('guides/look.md', GUIDE);
    await put('guides/words.md', '---\ntitle: Words\n---\n# Any\n\n```bash nonsense\nx\n```\n');
    const { value, mistakes } = await readGuides(root);
    expect(mistakes).toEqual([]);
    expect(value.lessons).toMatchObject([
      {
        course: 'guides',
        id: 'look',
        title: 'Look around',
        minutes: 10,
        needs: { kit: 'dask' },
        mask: ['[0-9]+'],
        steps: [{ id: 'look', actions: [{ kind: 'run', code: 'ls', output: { text: 'a' } }] }],
      },
    ]);
    expect(isProven('---\ntitle: x\n---\nkit: base\n')).toBe(false);
  });

  it('say where they are wrong, from the checkout on', async () => {
    await put(
      'guides/look.md',
      GUIDE.replace('```bash\n', '```bash\nls\n```\n\n```bash runs\n').replace('dask', 'No Slug'),
    );
    const { mistakes } = await readGuides(root);
    expect(mistakes.map(({ file, line, message }) => `${file}:${line}: ${message}`)).toEqual([
      'site/src/content/docs/guides/look.md:4: The setting kit does not fit.',
      'site/src/content/docs/guides/look.md:15: Unknown word after the language of a code block.',
    ]);
  });

  it('have translations with the same commands', async () => {
    await put('guides/look.md', GUIDE);
    await put('it/guides/look.md', GUIDE.replace('Look\n', 'Guarda\n').replace('ls', 'ls -l'));
    const { mistakes } = await readGuides(root);
    expect(mistakes).toMatchObject([
      { file: 'site/src/content/docs/it/guides/look.md', line: 11, expected: 'ls', received: 'ls -l' },
    ]);
    expect(await guideTexts(root, 'look')).toHaveLength(2);
  });

  it('are found in the catalogue by name, and stand in no list', async () => {
    await put('guides/look.md', GUIDE);
    await mkdir(join(root, 'courses'));
    const { value } = await readGuides(root);
    const catalogue = withGuides(await loadCatalogue(join(root, 'courses')), () => value);
    expect(catalogue.courses).toEqual([]);
    expect(catalogue.lesson('guides', 'look')?.title).toBe('Look around');
    expect(catalogue.step('guides', 'look', 'look')?.title).toBe('Look');
    expect(catalogue.publicLesson('guides', 'look')?.kit).toBe('dask');
    expect(catalogue.lesson('guides', 'none') ?? catalogue.course('other')).toBeUndefined();
    expect(await catalogue.filesFor(value.lessons[0] ?? expect.unreachable())).toEqual([]);
  });
});
