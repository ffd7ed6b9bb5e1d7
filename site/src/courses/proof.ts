/** What a page says of a lesson's proof, in words. Pure. */
import type { Proven } from '../../../sandbox-server/catalogue/proofs.ts';
import type { Mutation, Proof } from '../../../sandbox-server/contract/proof.ts';
import type { Language } from '../../../sandbox-server/contract/names.ts';

const LOCALES: Readonly<Record<Language, string>> = { en: 'en-GB', it: 'it-IT' };

export function dayOf({ date }: Pick<Proof, 'date'>, language: Language = 'en'): string {
  const form = { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' } as const;
  return new Intl.DateTimeFormat(LOCALES[language], form).format(new Date(`${date}T00:00:00Z`));
}

/** Whole seconds; from 100 on, minutes: a proof is no stopwatch. */
export function tookOf({ seconds }: Pick<Proof, 'seconds'>): string {
  return seconds < 100 ? `${String(Math.max(1, Math.round(seconds)))} s` : `${String(Math.round(seconds / 60))} min`;
}

/** What the kit is named after, else the first that it shows, else its Python; null where nothing is known. */
export function mainVersion({ kit, versions }: Pick<Proof, 'kit' | 'versions'>): string | null {
  const entries = Object.entries(versions);
  const main =
    entries.find(([name]) => name === kit) ?? entries.find(([name]) => name !== 'python') ?? entries[0];
  return main === undefined ? null : main.join(' ');
}

interface Sentences {
  readonly never: string;
  readonly changed: (day: string) => string;
  readonly last: (day: string, version: string | null, took: string) => string;
}
const SENTENCES: Readonly<Record<Language, Sentences>> = {
  en: {
    never: 'Not proven yet',
    changed: (day) => `Changed since it was proven on ${day}`,
    last: (day, version, took) =>
      `Last proven on ${day}${version === null ? '' : ` with ${version}`}, in ${took}`,
  },
  it: {
    never: 'Non ancora provata',
    changed: (day) => `Cambiata dopo la prova del ${day}`,
    last: (day, version, took) => `Provata il ${day}${version === null ? '' : ` con ${version}`}, in ${took}`,
  },
};

/** One sentence under a lesson's title. */
export function provenLine(
  { standing, proof }: Pick<Proven, 'standing' | 'proof'>,
  language: Language = 'en',
): string {
  const say = SENTENCES[language];
  if (proof === null || standing === 'never') return say.never;
  const day = dayOf(proof, language);
  return standing === 'changed' ? say.changed(day) : say.last(day, mainVersion(proof), tookOf(proof));
}

/** `9 of 10`; a dash where broken solutions were not tried. */
export function scoreOf(mutation: Mutation | undefined): string {
  return mutation === undefined ? '–' : `${String(mutation.noticed)} of ${String(mutation.tried)}`;
}
