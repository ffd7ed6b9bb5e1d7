/** What this room says itself to a learner beside what a lesson's checks say, in the languages of its pages. */
import type { Language } from '../contract/names.ts';

export interface Words {
  readonly done: string;
  readonly prepared: string;
  readonly changed: string;
  readonly runCommands: string;
  readonly answerQuestion: string;
  readonly questionLeft: string;
  readonly longer: string;
  readonly resetRunsAgain: string;
  readonly notJudged: (fault: string) => string;
  readonly right: string;
  readonly notThatOne: string;
  readonly noSuchAnswer: string;
  readonly pick: string;
  readonly notAll: string;
  readonly type: string;
  readonly isNotIt: (given: string) => string;
}

export const WORDS: Readonly<Record<Language, Words>> = {
  en: {
    done: 'Done.',
    prepared: 'Prepared for you.',
    changed: 'Its check has changed.',
    runCommands: 'Run the commands of this step; then it is done.',
    answerQuestion: 'Answer the question; then this step is done.',
    questionLeft: 'The question is still to be answered.',
    longer: 'This takes longer than usual.',
    resetRunsAgain: '(Reset step runs it again.)',
    notJudged: (fault) =>
      `This step could not be judged, and that is not your fault: ${fault}. Tell whoever runs the course.`,
    right: 'Right.',
    notThatOne: 'Not that one. Try again.',
    noSuchAnswer: 'There is no such answer. Reload the page and try again.',
    pick: 'Pick an answer.',
    notAll: 'Right so far, but not all of it.',
    type: 'Type an answer.',
    isNotIt: (given) => `'${given}' is not it. Look again.`,
  },
  it: {
    done: 'Fatto.',
    prepared: 'Preparato per te.',
    changed: 'La sua verifica è cambiata.',
    runCommands: 'Esegui i comandi di questo passo; poi è fatto.',
    answerQuestion: 'Rispondi alla domanda; poi questo passo è fatto.',
    questionLeft: 'Resta ancora da rispondere alla domanda.',
    longer: 'Ci vuole più del solito.',
    resetRunsAgain: '(«Ricomincia il passo» la esegue di nuovo.)',
    notJudged: (fault) =>
      `Non è stato possibile verificare questo passo, e non è colpa tua: ${fault}. Avvisa chi tiene il corso.`,
    right: 'Giusto.',
    notThatOne: 'Non questa. Riprova.',
    noSuchAnswer: 'Questa risposta non esiste. Ricarica la pagina e riprova.',
    pick: 'Scegli una risposta.',
    notAll: 'Fin qui giusto, ma manca qualcosa.',
    type: 'Scrivi una risposta.',
    isNotIt: (given) => `«${given}» non è la risposta. Guarda meglio.`,
  },
};
