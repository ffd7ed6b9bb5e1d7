/** Values that releases of tests are made of. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parse } from 'yaml';

const DEV = resolve(import.meta.dirname, '../../../infra/chart/values-dev.yaml');

/** What a person gets from values-dev.yaml. */
export async function devValues(): Promise<{ readonly sandboxes: object }> {
  return parse(await readFile(DEV, 'utf8')) as { sandboxes: object };
}

interface ImageValue {
  readonly repository: string;
  readonly tag: string;
  readonly pullPolicy: 'Never';
}
/** An image that the tests' cluster was given, as charts name one. @param reference with its tag */
export function imageValue(reference = ''): ImageValue {
  const [repository = '', tag = ''] = reference.split(/:(?=[^:]*$)/);
  return { repository, tag, pullPolicy: 'Never' };
}
