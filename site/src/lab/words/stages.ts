/**
 * Stages of a start, by the names that `labs/` gives them. The server says each in English; on a page in another language
 * the stage is named in that, and the server's own sentence stands beside it where it holds more than the name.
 */
import type { Stage } from '../../../../sandbox-server/contract/lab.ts';
import { LANGUAGE } from './language.ts';

/** `more`: what the server says of it is not said by its name alone */
interface Named {
  readonly text: string;
  readonly more: boolean;
}
const ITALIAN: Readonly<Record<string, Named>> = {
  queued: { text: 'In attesa di una sandbox libera', more: true },
  kit: { text: 'Preparo il kit (solo la prima volta)', more: true },
  claiming: { text: 'Prendo una sandbox', more: false },
  home: { text: 'Porto la tua cartella personale', more: false },
  tokens: { text: 'Chiedo un token solo per questa lezione', more: false },
  account: { text: 'Il tuo account nei servizi', more: true },
  namespace: { text: 'Il tuo namespace sul cluster', more: true },
  prepare: { text: 'Preparo ciò che viene prima', more: true },
  files: { text: 'Dispongo i file della lezione', more: false },
  setup: { text: 'Preparo la lezione', more: false },
  ready: { text: 'Pronto', more: false },
};

/** @returns the stage in the page's language, and the server's English where it says more; services name their own stages */
export function stageWords({ name, text, seconds }: Stage): { text: string; english: string | null } {
  if (LANGUAGE === 'en') return { text, english: null };
  const named = ITALIAN[name];
  if (named === undefined) return { text: 'Avvio un servizio', english: text };
  return { text: named.text, english: named.more && seconds === undefined ? text : null };
}
