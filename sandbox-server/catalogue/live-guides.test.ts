import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLiveGuides, type LiveGuides } from './live-guides.ts';

const guide = (text: string, check = 'echo yes', front = 'kit: base') =>
  `---\ntitle: Copy\n${front}\n---\n${text}\n\n## Look\n\n\`\`\`bash\nls\n\`\`\`\n\n\`\`\`bash check\n${check}\n\`\`\`\n`;

let root: string;
let live: LiveGuides;
const put = async (path: string, text: string) => {
  const file = join(root, 'site/src/content/docs', path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
};
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'guides-'));
  await put('guides/copy.md', guide('One.'));
  await put('guides/words.md', '---\ntitle: Words\n---\nText.\n');
  live = await openLiveGuides(root);
});
afterEach(() => rm(root, { recursive: true }));
const check = () => live.course.lessons[0]?.steps[0]?.checks[0]?.code;

describe('a guide that is saved', () => {
  it('has its new text and check at once, and needs no build', async () => {
    await put('guides/copy.md', guide('Other words.'));
    expect(await live.reload()).toEqual({
      lessons: [{ course: 'guides', lesson: 'copy', steps: [] }],
      frame: false,
    });
    await put('guides/copy.md', guide('Other words.', 'exit 1'));
    expect(await live.reload()).toMatchObject({ lessons: [{ lesson: 'copy', steps: ['look'] }] });
    expect(check()).toBe('exit 1');
    expect(await live.reload()).toEqual({ lessons: [], frame: false });
  });

  it('is shown by a build where its front matter differs, it comes or goes, or names no kit', async () => {
    await put('guides/copy.md', guide('One.', 'echo yes', 'kit: base\ndescription: D'));
    expect(await live.reload()).toMatchObject({ frame: true });
    await put('guides/words.md', '---\ntitle: Words\n---\nOther text.\n');
    expect(await live.reload()).toEqual({ lessons: [], frame: true });
    await put('guides/new.md', guide('New.'));
    expect(await live.reload()).toEqual({ lessons: [], frame: true });
    expect(live.course.lessons.map(({ id }) => id)).toEqual(['copy', 'new']);
    await rm(join(root, 'site/src/content/docs/guides/new.md'));
    expect(await live.reload()).toMatchObject({ frame: true });
    expect(live.course.lessons.map(({ id }) => id)).toEqual(['copy']);
  });
});

describe('a guide with a mistake', () => {
  it('stays as it last was whole, named with its line, also where the mistake is its translation’s', async () => {
    await put('guides/copy.md', guide('Two.', 'exit 1').replace('bash check', 'bash chekc'));
    expect(await live.reload()).toEqual({ lessons: [], frame: false });
    expect([check(), live.mistakes[0]?.line]).toEqual(['echo yes', 13]);
    await put('guides/copy.md', guide('Two.', 'exit 1'));
    await put('it/guides/copy.md', guide('Due.', 'exit 1').replace('ls', 'ls -l'));
    await live.reload();
    expect(live.mistakes[0]?.file).toBe('site/src/content/docs/it/guides/copy.md');
    expect(check()).toBe('echo yes');
    await rm(join(root, 'site/src/content/docs/it/guides/copy.md'));
    await live.reload();
    expect([check(), live.mistakes]).toEqual(['exit 1', []]);
  });

  it('does not keep the author’s loop from starting', async () => {
    await put('guides/copy.md', guide('Two.').replace('bash check', 'bash chekc'));
    live = await openLiveGuides(root);
    expect(live.course.lessons).toEqual([]);
    expect(live.mistakes.length).toBe(1);
  });
});
