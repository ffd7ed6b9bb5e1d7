/** The language of the page: the workspace beside it speaks the same. */
import type { Language } from '../../../../sandbox-server/contract/names.ts';

/** What something says in each language; the same keys in each, which the compiler holds. */
export type Table<T> = Readonly<Record<Language, T>>;

/** @param lang of the document, e.g. `it`; anything that is not written here reads English */
export function languageOf(lang: string): Language {
  return lang === 'it' ? 'it' : 'en';
}

/** A page has one language as long as it lives. Without a page (in a test) it is English. */
export const LANGUAGE: Language =
  typeof document === 'undefined' ? 'en' : languageOf(document.documentElement.lang);

/** @returns the words of this page's language */
export function spoken<T>(table: Table<T>): T {
  return table[LANGUAGE];
}

/** How this page writes dates and times. */
export const LOCALE: string = spoken({ en: 'en-GB', it: 'it-IT' });
