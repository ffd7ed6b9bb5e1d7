/** What a page says of a lesson's proof, in words. Pure. */
import type { Proven } from '../../../sandbox-server/catalogue/proofs.ts';
import type { Mutation, Proof } from '../../../sandbox-server/contract/proof.ts';

const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });

export function dayOf({ date }: Pick<Proof, 'date'>): string {
  return DAY.format(new Date(`${date}T00:00:00Z`));
}

/** Whole seconds; from 100 on, minutes: a proof is no stopwatch. */
export function tookOf({ seconds }: Pick<Proof, 'seconds'>): string {
  return seconds < 100 ? `${String(Math.max(1, Math.round(seconds)))} s` : `${String(Math.round(seconds / 60))} min`;
}

/** What the kit is named after, else the first that it shows; null where it shows none. */
export function mainVersion({ kit, versions }: Pick<Proof, 'kit' | 'versions'>): string | null {
  const entries = Object.entries(versions);
  const main = entries.find(([name]) => name === kit) ?? entries[0];
  return main === undefined ? null : main.join(' ');
}

/** One sentence under a lesson's title. */
export function provenLine({ standing, proof }: Pick<Proven, 'standing' | 'proof'>): string {
  if (proof === null || standing === 'never') return 'Not proven yet';
  if (standing === 'changed') return `Changed since it was proven on ${dayOf(proof)}`;
  const version = mainVersion(proof);
  return `Last proven on ${dayOf(proof)}${version === null ? '' : ` with ${version}`}, in ${tookOf(proof)}`;
}

/** `9 of 10`; a dash where broken solutions were not tried. */
export function scoreOf(mutation: Mutation | undefined): string {
  return mutation === undefined ? '–' : `${String(mutation.noticed)} of ${String(mutation.tried)}`;
}
