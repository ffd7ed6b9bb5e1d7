/**
 * Images that a release runs, built where they are not yet and loaded into the tests' cluster. Where a cluster has them
 * already: PALESTRA_CHART_IMAGES='{"server": "…", "base": "…"}'.
 */
import { resolve } from 'node:path';
import { z } from 'zod';
import { buildSite } from '../../../sandbox-server/cli/site-build.ts';
import { runProgram, type Cluster } from '../cluster/cluster.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const BUILD = resolve(ROOT, 'infra/images/build.ts');
const Built = z.array(z.looseObject({ name: z.string(), reference: z.string(), archive: z.string() }));

/** @returns image of each name. @throws Error with the builder's words */
export async function loadImages(
  cluster: Cluster,
  names: readonly string[],
): Promise<Readonly<Record<string, string>>> {
  const given = process.env['PALESTRA_CHART_IMAGES'];
  if (given !== undefined) return z.record(z.string(), z.string()).parse(JSON.parse(given));
  // the server's image takes the site as it is built
  if (names.includes('server')) await buildSite(ROOT, () => undefined);
  const words = [process.execPath, BUILD, ...names, '--json'];
  const { code, stdout, stderr } = await runProgram(words, { env: process.env, ms: 900_000 });
  if (code !== 0) throw new Error(`the images could not be built: ${stderr.slice(-3_000)}`);
  const built = Built.parse(JSON.parse(stdout));
  for (const { archive } of built) await cluster.load(archive);
  return Object.fromEntries(built.map(({ name, reference }) => [name, reference]));
}
