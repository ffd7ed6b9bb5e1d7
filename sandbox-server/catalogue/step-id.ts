/** A step's id from its heading. Stable: the same heading always gives the same id. */
import { slug } from 'github-slugger';

/** @returns at most 100 characters of a–z, 0–9 and single hyphens; '' where the heading has none of them. */
export function stepId(title: string): string {
  const plain = title.normalize('NFKD').replace(/\p{M}/gu, '');
  const id = slug(plain)
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '');
  return id.slice(0, 100).replace(/-+$/, '');
}
