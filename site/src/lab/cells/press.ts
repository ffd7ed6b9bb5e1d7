/** What a cell's buttons do, each with the server's own answer. */
import { signal } from '@preact/signals';
import type { Signal } from '@preact/signals';
import type { CellAction, CellAnswer } from '../../../../sandbox-server/contract/api.ts';
import { sentence } from '../server.ts';
import { stepAddress } from '../steps/acts.ts';
import type { Word } from '../steps/acts.ts';
import { speak } from '../work.ts';
import type { Work } from '../work.ts';
import { say } from '../words/cells.ts';

export interface CellPresses {
  readonly word: Signal<Word>;
  /** which of the buttons is at work */
  readonly doing: Signal<CellAction['do'] | null>;
  press(what: CellAction['do']): Promise<void>;
}

/** *Run* answers a moment after the cell began, and what runs may be interrupted at once. */
const mayMeanwhile = (what: CellAction['do'], doing: CellAction['do']): boolean =>
  what === 'interrupt' && doing === 'run';

export function createPresses(work: Work, step: string, action: string): CellPresses {
  const word = signal<Word>({ says: 'nothing' });
  const doing = signal<CellAction['do'] | null>(null);
  const ask = async (what: CellAction['do']): Promise<string | null> => {
    if (what === 'run') await work.saveAll();
    const at = stepAddress(work, step, 'cell');
    const { lab } = await work.server.post<CellAnswer>(at, { action, do: what });
    if (lab !== undefined) {
      work.jupyter.value = lab;
      work.upper.value = `port-${String(lab.port)}`;
      work.seen.value = 'upper';
    }
    return what === 'restart'
      ? say('The kernel began anew: what cells made is gone. Run them again from the first.')
      : null;
  };
  return {
    word,
    doing,
    async press(what) {
      if (doing.value !== null && !mayMeanwhile(what, doing.value)) return;
      doing.value = what;
      word.value = { says: 'nothing' };
      try {
        const said = await ask(what);
        if (said !== null) {
          word.value = { says: 'this', text: said, bad: false };
          speak(work, said);
        }
      } catch (error) {
        word.value = { says: 'this', text: sentence(error), bad: true };
        speak(work, sentence(error));
      } finally {
        doing.value = null;
      }
    },
  };
}
