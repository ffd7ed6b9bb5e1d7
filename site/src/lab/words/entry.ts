/** Of entering and leaving a lab, and of the server's silence. */
import { speaker } from './speaker.ts';

export const ENTRY = {
  'Pause this lab?': 'Mettere in pausa questo laboratorio?',
  'Your files and your progress are kept. Programs that run are ended, and the terminals begin anew when you resume.':
    'I tuoi file e i tuoi progressi sono conservati. I programmi in esecuzione vengono terminati, e alla ripresa i terminali ricominciano da capo.',
  Pause: 'Metti in pausa',
  'Go on': 'Continua',
  'End this lab?': 'Terminare questo laboratorio?',
  'The sandbox and every file in it are deleted, and programs are ended. Your progress stays: done steps are still done. Download what you want to keep from the file tree first, or pause instead: that keeps the files.':
    'La sandbox e tutti i suoi file vengono cancellati, e i programmi terminati. I tuoi progressi restano: i passi fatti restano fatti. Prima scarica dall’albero dei file ciò che vuoi tenere, oppure metti in pausa: così i file restano.',
  'End and delete the files': 'Termina e cancella i file',
  'Keep it': 'Tienilo',
  'You are signed out. Your programs run on.': 'La tua sessione è finita. I tuoi programmi continuano.',
  'Sign in again': 'Accedi di nuovo',
  'The server restarts. Your programs run on.': 'Il server si riavvia. I tuoi programmi continuano.',
  'The server does not answer. What you typed and saved is kept; this page tries again.':
    'Il server non risponde. Ciò che hai scritto e salvato è conservato; questa pagina riprova.',
  'The server answered {0}. Try again in a moment.': 'Il server ha risposto {0}. Riprova fra un momento.',
  'Something went wrong in this page. Reload it; nothing saved is lost.':
    'Qualcosa è andato storto in questa pagina. Ricaricala; niente di ciò che hai salvato è perso.',
} as const;
export const say = speaker(ENTRY);
