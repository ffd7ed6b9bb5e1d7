/** Of terminals and of previews of what listens in the sandbox. */
import { speaker } from './speaker.ts';

export const TERMINAL = {
  Terminals: 'Terminali',
  'New terminal': 'Nuovo terminale',
  'Output is also written where a screen reader reads it':
    'L’output viene scritto anche dove lo legge un lettore di schermo',
  'screen reader': 'lettore di schermo',
  find: 'cerca',
  'Close {0}?': 'Chiudere {0}?',
  'A program runs in it and will be ended.': 'Vi gira un programma, che verrà terminato.',
  'Close it': 'Chiudi',
  'Keep it': 'Lascia aperto',
  'Connect now': 'Connetti ora',
  'Another tab types here; you read along.': 'Qui scrive un’altra scheda; tu leggi.',
  'That key was not sent: another tab types here.':
    'Il tasto non è stato inviato: qui scrive un’altra scheda.',
  'Type here': 'Scrivi qui',
  'Not sent: the terminal is cut off.': 'Non inviato: il terminale è scollegato.',
  'Copy to your clipboard?': 'Copiare negli appunti?',
  'A program in {0} wants to put this there: {1}': 'Un programma in {0} vuole metterci questo: {1}',
  Copy: 'Copia',
  'Do not copy': 'Non copiare',
  'Find in this terminal': 'Cerca in questo terminale',
  Find: 'Cerca',
  'not found': 'non trovato',
  Previous: 'Precedente',
  Next: 'Successivo',
  'Close find': 'Chiudi la ricerca',
  'The lab was paused or ended. Resume it to go on.':
    'Il laboratorio è in pausa o terminato. Riprendilo per continuare.',
  'You signed out, or this login may no longer use the lab. Sign in again to go on; your program runs on.':
    'La tua sessione è finita, o questo accesso non può più usare il laboratorio. Accedi di nuovo per continuare; il tuo programma va avanti.',
  'Too many connections are open for your account. Close other tabs, then connect again.':
    'Il tuo account ha troppe connessioni aperte. Chiudi altre schede, poi connetti di nuovo.',
  'The server restarts.': 'Il server si riavvia.',
  'The sandbox does not answer.': 'La sandbox non risponde.',
  'The connection is cut.': 'La connessione è interrotta.',
  'The server does not answer.': 'Il server non risponde.',
  'Connecting again… Your program runs on. Keys typed now are not sent.':
    'Mi riconnetto… Il tuo programma va avanti. I tasti premuti ora non vengono inviati.',
  '{0} Your program runs on in the sandbox and the text here stays. Keys typed now are not sent.':
    '{0} Il tuo programma va avanti nella sandbox e il testo qui resta. I tasti premuti ora non vengono inviati.',
  'Output was too fast to follow: {0} are not shown.':
    'L’output era troppo veloce: {0} non vengono mostrati.',
  '{0} of older output are no longer kept.': '{0} di output più vecchio non sono più conservati.',
  'The shell ended with status {0}. Press Enter for a new one.':
    'La shell è terminata con stato {0}. Premi Invio per una nuova.',
  '{0} bytes': '{0} byte',
  '{0}: type here. Esc, then Tab leaves.': '{0}: scrivi qui. Esc e poi Tab per uscire.',
  Dashboard: 'Dashboard',
  Port: 'Porta',
  Reload: 'Ricarica',
  'Open in a tab': 'Apri in una scheda',
  'Nothing listens on port {0} now. Start the program again; this page comes back by itself.':
    'Ora niente ascolta sulla porta {0}. Avvia di nuovo il programma; questa pagina torna da sola.',
  'Opening {0}…': 'Apro {0}…',
} as const;
export const say = speaker(TERMINAL);
