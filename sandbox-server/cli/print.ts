/** `palestra print`: a course as a PDF, made by a Chromium that is here; else what to open. */
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import fastifyStatic from '@fastify/static';
import fastify from 'fastify';
import { loadCatalogue } from '../catalogue/load.ts';
import { findChromium, printPage } from './chromium.ts';
import { courseNamed } from './named.ts';
import { running } from './running.ts';
import { ROOT, STATE } from './settings.ts';
import { buildSite } from './site-build.ts';
import { stages } from './stages.ts';

export interface PrintCommand {
  readonly out?: string;
  readonly build: boolean;
}

export async function print(name: string, { out, build }: PrintCommand): Promise<void> {
  const { id } = courseNamed(await loadCatalogue(join(ROOT, 'courses')), name);
  const page = `/courses/${id}/print/`;
  const chromium = await findChromium();
  if (chromium === null) return say(await byHand(page));
  const progress = stages(process.stderr);
  if (build) await progress.during('the site', () => buildSite(ROOT, progress.line));
  const file = resolve(out ?? `${id}.pdf`);
  await progress.during('the pages', () => pdfOf(join(ROOT, 'dist'), page, chromium, file));
  say(`${file}: ${Math.ceil((await stat(file)).size / 1024)} KiB`);
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function byHand(page: string): Promise<string> {
  const server = await running(STATE);
  const where =
    server === null
      ? `start Palestra (npm start), open http://localhost:4747${page}`
      : `open ${server.url}${page}`;
  return `No Chromium or Chrome is on the PATH. In any browser: ${where} and print it, or save it as PDF.`;
}

/** @param dist the built site, served on this machine for as long as it takes */
export async function pdfOf(dist: string, page: string, chromium: string, out: string): Promise<void> {
  const app = fastify();
  await using _served = { [Symbol.asyncDispose]: () => app.close() };
  await app.register(fastifyStatic, { root: dist });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  await printPage(chromium, `${url}${page}`, out);
}
