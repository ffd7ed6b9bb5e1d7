/** Which lessons are written in a language besides English. */
import { getCollection } from 'astro:content';
import type { Language } from '../../../sandbox-server/contract/names.ts';

/** @returns `course/lesson` of each, and its title */
export async function translated(language: Exclude<Language, 'en'>): Promise<ReadonlyMap<string, string>> {
  const entries = await getCollection('lessons', ({ id }) => id.startsWith(`${language}/`));
  return new Map(entries.map(({ id, data }) => [id.slice(language.length + 1), data.title]));
}
