/** Which pages exist in which language: a switch is only shown where it leads to a page that is written. */
import { getCollection } from 'astro:content';
import { translated } from '../courses/translated.ts';

/** Pages of ours outside the docs collection that are written in Italian. */
const italianPages = new Set(['/']);

export interface OtherLanguage {
  readonly href: string;
  readonly lang: string;
  readonly label: string;
}

/**
 * @param path of the page shown, e.g. `/guides/check/` or `/it/guides/check/`
 * @returns where the same page stands in the other language, or undefined where nobody wrote it
 */
export async function otherLanguage(path: string): Promise<OtherLanguage | undefined> {
  if (path === '/it/' || path.startsWith('/it/'))
    return { href: path.slice('/it'.length), lang: 'en', label: 'English' };
  if (italianPages.has(path) || (await isTranslated(path)))
    return { href: `/it${path}`, lang: 'it', label: 'Italiano' };
  return undefined;
}

async function isTranslated(path: string): Promise<boolean> {
  const id = path.replace(/^\/|\/$/g, '');
  if (id.startsWith('courses/')) return (await translated('it')).has(id.slice('courses/'.length));
  const found = await getCollection('docs', (entry) => entry.id === `it/${id}`);
  return found.length > 0;
}
