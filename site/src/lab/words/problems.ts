/**
 * What a page says to a refusal. The server's sentence is English and names what happened exactly; on a page in another
 * language the kind of refusal is said in that first, and the server is quoted.
 */
import type { ErrorCode } from '../../../../sandbox-server/contract/errors.ts';
import { LANGUAGE } from './language.ts';

const ITALIAN: Readonly<Record<ErrorCode, string>> = {
  'bad-request': 'La richiesta non è corretta.',
  'not-signed-in': 'Non hai effettuato l’accesso. Accedi e riprova.',
  'sign-in-again': 'Il tuo accesso non si rinnova più. Accedi di nuovo.',
  forbidden: 'Il tuo account non può farlo.',
  'cross-site': 'La richiesta è arrivata da un altro sito ed è stata rifiutata.',
  'wrong-host': 'Questo indirizzo non è quello di Palestra.',
  'not-found': 'Non esiste, o non è tuo.',
  conflict: 'Ora non si può fare.',
  stale: 'Nel frattempo qualcun altro ha salvato.',
  'too-large': 'È troppo grande.',
  unsupported: 'Questo non è possibile qui.',
  busy: 'Il terminale è occupato.',
  limit: 'Hai raggiunto un limite.',
  'no-capacity': 'Ora non c’è una sandbox libera. Riprova fra poco.',
  'kit-preparing': 'Il kit è ancora in preparazione. Riprova fra poco.',
  'kit-missing': 'Non è stato possibile preparare il kit.',
  'disk-full': 'Il disco è pieno; niente è stato troncato.',
  'sandbox-gone': 'La sandbox è finita; i tuoi file sono conservati.',
  'agent-unreachable': 'La sandbox non risponde. Riprova fra un momento.',
  'agent-misbehaved': 'La sandbox ha dato una risposta non valida.',
  timeout: 'Ci ha messo troppo tempo.',
  unavailable: 'Il server si sta avviando o fermando. Riprova fra un momento.',
  internal: 'Qualcosa è andato storto nel server.',
};

/** @param english the server's own sentence */
export function problemWords(code: ErrorCode, english: string): string {
  if (LANGUAGE === 'en' || !Object.hasOwn(ITALIAN, code)) return english;
  return `${ITALIAN[code]} (Il server: “${english}”)`;
}
