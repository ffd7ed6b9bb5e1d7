/** Which lessons are written in a language besides English. */
import { getCollection } from 'astro:content';
import type { Language } from './words.ts';

/** @returns `course/lesson` of each */
export async function translated(language: Exclude<Language, 'en'>): Promise<ReadonlySet<string>> {
  const entries = await getCollection('lessons', ({ id }) => id.startsWith(`${language}/`));
  return new Set(entries.map(({ id }) => id.slice(language.length + 1)));
}
