/**
 * What the workspace says, in the language of its page. The code says a sentence in English; a table beside it has the
 * same in Italian, and the compiler holds that no sentence is said that stands in no table. `{0}`, `{1}` … are parts.
 */
import { LANGUAGE } from './language.ts';

/** English sentence → Italian sentence. */
export type Italian = Readonly<Record<string, string>>;
/** @param parts what stands for `{0}`, `{1}` … */
export type Say<T extends Italian> = (
  english: keyof T & string,
  ...parts: readonly (string | number)[]
) => string;

export function speaker<T extends Italian>(italian: T): Say<T> {
  return (english, ...parts) => filled(LANGUAGE === 'it' ? (italian[english] ?? english) : english, parts);
}

/** A part that was not given stays as the blank it is. */
export function filled(sentence: string, parts: readonly (string | number)[]): string {
  return sentence.replace(/\{(\d)\}/g, (blank, n: string) => String(parts[Number(n)] ?? blank));
}
