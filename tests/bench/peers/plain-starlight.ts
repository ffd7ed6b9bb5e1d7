/** The same lesson as a page of plain Starlight: stock settings, the same text, served compressed by a static server. */
import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { compress } from '../../../site/compress.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
/** below the checkout, so that Astro and Starlight are found */
const FOLDER = join(ROOT, '.palestra/bench/plain');
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css',
  '.js': 'text/javascript',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
};

export interface PlainSite extends AsyncDisposable {
  readonly url: string;
}

/** @param lesson e.g. `dask/1-local-cluster`; its page is at /lesson/ */
export async function openPlainSite(lesson: string): Promise<PlainSite> {
  await build(await readFile(join(ROOT, 'courses', lesson, 'lesson.md'), 'utf8'));
  const dist = join(FOLDER, 'dist');
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://x').pathname;
    const file = join(dist, path.endsWith('/') ? `${path}index.html` : path);
    const type = TYPES[extname(file)] ?? 'application/octet-stream';
    stat(`${file}.br`).then(
      () =>
        createReadStream(`${file}.br`).pipe(
          response.writeHead(200, { 'content-type': type, 'content-encoding': 'br' }),
        ),
      () =>
        createReadStream(file)
          .on('error', () => response.writeHead(404).end())
          .pipe(response.setHeader('content-type', type)),
    );
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://localhost:${address.port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

async function build(lesson: string): Promise<void> {
  await rm(FOLDER, { recursive: true, force: true });
  await mkdir(join(FOLDER, 'src/content/docs'), { recursive: true });
  await writeFile(join(FOLDER, 'src/content/docs/lesson.md'), plain(lesson));
  await writeFile(join(FOLDER, 'src/content/docs/index.md'), '---\ntitle: Home\n---\nHome.\n');
  await writeFile(join(FOLDER, 'src/content.config.ts'), CONTENT);
  await writeFile(join(FOLDER, 'astro.config.mjs'), CONFIG);
  await promisify(execFile)(
    process.execPath,
    [join(ROOT, 'node_modules/.bin/astro'), 'build', '--root', FOLDER],
    { env: { ...process.env, ASTRO_TELEMETRY_DISABLED: '1' }, maxBuffer: 1 << 26 },
  );
  await compress(join(FOLDER, 'dist'));
}

/** What a reader sees of the lesson, in Starlight's own Markdown: hidden fences go, hints and questions become asides. */
function plain(lesson: string): string {
  const title = /^title: (.*)$/m.exec(lesson)?.[1] ?? 'Lesson';
  const body = lesson
    .replace(/^---\n[\s\S]*?\n---\n/, '')
    .replace(/^```\w* (?:check|solution|setup|wrong|undo|answer|ready|cleanup)\b[\s\S]*?^```$\n/gm, '')
    .replace(/^(```\w*) (?:run|edit)[^\n]*$/gm, '$1')
    .replace(/^:::(?:hint|question)(\[[^\]]*\])?.*$/gm, ':::note$1');
  return `---\ntitle: ${title}\n---\n${body}`;
}
const CONTENT = `import { defineCollection } from 'astro:content';
import { docsLoader } from '@astrojs/starlight/loaders';
import { docsSchema } from '@astrojs/starlight/schema';
export const collections = { docs: defineCollection({ loader: docsLoader(), schema: docsSchema() }) };
`;
const CONFIG = `import { defineConfig } from 'astro/config';
import starlight from '@astrojs/starlight';
export default defineConfig({ integrations: [starlight({ title: 'Plain' })] });
`;
