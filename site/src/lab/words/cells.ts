/** Of cells: their buttons, their states and what stands under them. */
import { speaker } from './speaker.ts';

export const CELLS = {
  'Run cell': 'Esegui la cella',
  'Running…': 'In esecuzione…',
  'Starting…': 'Avvio…',
  Interrupt: 'Interrompi',
  'Restart the kernel': 'Riavvia il kernel',
  'Restarting…': 'Riavvio…',
  'Open in JupyterLab': 'Apri in JupyterLab',
  'Opening JupyterLab…': 'Apro JupyterLab…',
  'The kernel began anew: what cells made is gone. Run them again from the first.':
    'Il kernel è ricominciato da capo: ciò che le celle avevano prodotto non c’è più. Rieseguile dalla prima.',
  ' · waits for another cell': ' · aspetta un’altra cella',
  ' · kernel starts': ' · il kernel si avvia',
  ' · runs': ' · in esecuzione',
  ' · [{0}] raised an error': ' · [{0}] ha dato errore',
  ' · did not end': ' · non è arrivata alla fine',
  'Output of the cell': 'Risultato della cella',
  'Picture that the cell drew: {0}': 'Figura disegnata dalla cella: {0}',
  'Part of this output is a program: JupyterLab shows it.':
    'Una parte di questo risultato è un programma: la mostra JupyterLab.',
} as const;
export const say = speaker(CELLS);
