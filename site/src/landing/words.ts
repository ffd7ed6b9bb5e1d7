/** The landing page's words in both languages. */
export interface Words {
  readonly title: string;
  readonly first: string;
  readonly second: string;
  readonly lead: string;
  readonly start: string;
  readonly note: string;
  readonly how: string;
  readonly orRead: string;
  readonly courses: string;
  readonly where: string;
  readonly step: string;
  readonly right: string;
}

export const english: Words = {
  title: 'Palestra',
  first: 'Learn the computing',
  second: 'by doing it.',
  lead: 'Guides and hands-on labs for data-intensive research. Each page opens a real environment of your own, with a terminal and an editor, and tells you when you got it right.',
  start: 'Start a lab',
  note: 'Ten minutes, nothing to install.',
  how: 'How a lab works',
  orRead: 'Only reading?',
  courses: 'All courses',
  where: 'Where to begin',
  step: 'step 2 of 4',
  right: 'Two workers run, and the scheduler knows both.',
};

export const italian: Words = {
  title: 'Palestra',
  first: 'Il calcolo si impara',
  second: 'facendolo.',
  lead: 'Guide e laboratori per la ricerca ad alta intensità di dati. Ogni pagina apre un ambiente vero, tuo, con un terminale e un editor, e ti dice quando il risultato è giusto.',
  start: 'Apri un laboratorio',
  note: 'Dieci minuti, niente da installare.',
  how: 'Come funziona un laboratorio',
  orRead: 'Solo leggere?',
  courses: 'Tutti i corsi (in inglese)',
  where: 'Da dove cominciare',
  step: 'passo 2 di 4',
  right: 'Due worker sono attivi, e lo scheduler li conosce.',
};
