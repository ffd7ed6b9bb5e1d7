/** Helm where there is one, and what it makes of a file of values. */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments, stringify } from 'yaml';
import { z } from 'zod';

const run = promisify(execFile);
const CHART = resolve(import.meta.dirname, '..');
const CLUSTER = resolve(CHART, '../dev-cluster/cluster.ts');
/** What the dev cluster runs: a rendering asks no cluster. */
export const KUBE = ['--kube-version', '1.34.4'] as const;

const Metadata = z.looseObject({
  name: z.string(),
  namespace: z.string().optional(),
  labels: z.record(z.string(), z.string()).default({}),
});
export const Manifest = z.looseObject({ apiVersion: z.string(), kind: z.string(), metadata: Metadata });
export type Manifest = z.infer<typeof Manifest>;

/** why a test that needs Helm is skipped */
export const NO_HELM = 'no helm; set HELM to its path';

/** `$HELM`, helm of the PATH, or the dev cluster's. That one is built only in CI: it takes minutes. */
export function findHelm(): string | null {
  const named = process.env['HELM'] ?? 'helm';
  if (spawnSync(named, ['version', '--short']).status === 0) return named;
  const built = cluster('tool', 'helm');
  if (built.status === 0) return built.stdout.trim();
  if (process.env['CI'] !== 'true') return null;
  const answers = [cluster('build'), cluster('tool', 'helm')];
  const last = answers.at(-1);
  if (last?.status !== 0)
    throw new Error(`helm could not be had: ${answers.map((one) => one.stderr).join('\n')}`);
  return last.stdout.trim();
}
const cluster = (...words: readonly string[]) =>
  spawnSync(process.execPath, [CLUSTER, ...words], { encoding: 'utf8' });

export interface Chart {
  /** throws with Helm's own words */
  lint(values: object | string): Promise<string>;
  template(values: object | string, namespace?: string): Promise<string>;
}

/** @param folder another chart than the portal's */
export function chartWith(helm: string, folder = CHART): Chart {
  const call = async (args: readonly string[], values: object | string): Promise<string> => {
    if (typeof values === 'string')
      return (await run(helm, [...args, '-f', join(folder, values)], { maxBuffer: 1e8 })).stdout;
    const made = mkdtempSync(join(tmpdir(), 'palestra-chart-'));
    try {
      const file = join(made, 'values.yaml');
      writeFileSync(file, stringify(values));
      return (await run(helm, [...args, '-f', file], { maxBuffer: 1e8 })).stdout;
    } finally {
      rmSync(made, { recursive: true });
    }
  };
  return {
    lint: (values) => call(['lint', '--strict', ...KUBE, folder], values),
    template: (values, namespace = 'palestra') =>
      call(['template', 'palestra', folder, '-n', namespace, ...KUBE], values),
  };
}

export function manifestsOf(text: string): readonly Manifest[] {
  return parseAllDocuments(text)
    .map((document) => document.toJS() as unknown)
    .filter((found) => found !== null && found !== undefined)
    .map((found) => Manifest.parse(found));
}
