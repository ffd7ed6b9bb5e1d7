/**
 * Where the sources of this site stand: `repository` in package.json, which a fork or an installation sets to its own.
 * Without it there is no edit link and no link to the source.
 */
import project from '../../../package.json' with { type: 'json' };

export const repository = sourceOf(project);

/** @param path from the project's root, e.g. `courses/dask/1-local-cluster/lesson.md` */
export function editAddress(path: string, source: string | undefined = repository): string | false {
  return source === undefined ? false : `${source}/edit/main/${path}`;
}

/** The web address in npm's `repository` field (a string or `{ url }`, `git+` and `.git` taken away). */
export function sourceOf(described: object): string | undefined {
  const field: unknown = 'repository' in described ? described.repository : undefined;
  const url: unknown = typeof field === 'object' && field !== null && 'url' in field ? field.url : field;
  if (typeof url !== 'string' || !/^(git\+)?https:\/\//.test(url)) return undefined;
  return url
    .replace(/^git\+/, '')
    .replace(/\/$/, '')
    .replace(/\.git$/, '');
}
