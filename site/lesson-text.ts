/**
 * A thread that renders a lesson's Markdown with the site's own settings, Starlight's among them: the same text that a
 * build puts on the page. Asked `{ id, file }`, answers `{ id, html, problem }` (sandbox-server/authoring/live/page-maker.ts).
 */
import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import { parseFrontmatter } from '@astrojs/markdown-remark';
import type { AstroConfig, AstroInlineConfig } from 'astro';
import { getViteConfig } from 'astro/config';
import { z } from 'zod';

const { root } = z.object({ root: z.string() }).parse(workerData);
type RendererSettings = Parameters<AstroConfig['markdown']['processor']['createRenderer']>[0];
const Asked = z.object({ id: z.number(), file: z.string() });

/** The settings after every integration has added its own: only those are told what a build goes by. */
async function resolvedConfig(): Promise<AstroConfig> {
  const told = Promise.withResolvers<AstroConfig>();
  const listener: AstroInlineConfig = {
    root,
    logLevel: 'error',
    integrations: [
      { name: 'palestra-listens', hooks: { 'astro:config:done': ({ config }) => told.resolve(config) } },
    ],
  };
  await getViteConfig({}, listener)({ mode: 'development', command: 'serve' });
  return told.promise;
}

async function openRenderer() {
  const { markdown, image } = await resolvedConfig();
  const { syntaxHighlight, shikiConfig, gfm, smartypants } = markdown;
  // what Astro hands over itself; its two packages differ in what an absent key may be
  const settings = { image, syntaxHighlight, shikiConfig, gfm, smartypants } as RendererSettings;
  return markdown.processor.createRenderer(settings);
}
const opening = openRenderer();

async function textOf(file: string): Promise<string | null> {
  const renderer = await opening;
  const { frontmatter, content } = parseFrontmatter(await readFile(file, 'utf8'));
  const { code, metadata } = await renderer.render(content, { frontmatter, fileURL: pathToFileURL(file) });
  return metadata.localImagePaths.length > 0 ? null : code;
}

parentPort?.on('message', (message) => {
  const { id, file } = Asked.parse(message);
  textOf(file).then(
    (html) => parentPort?.postMessage({ id, html, problem: null }),
    (error: unknown) => parentPort?.postMessage({ id, html: null, problem: String(error) }),
  );
});
