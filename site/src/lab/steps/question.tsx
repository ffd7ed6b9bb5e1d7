/** Below a question's choices: *Answer*, and what the server says to it. */
import type { Answer } from '../../../../sandbox-server/contract/api.ts';
import { isReady } from '../work.ts';
import type { Work } from '../work.ts';
import type { StepActs } from './acts.ts';
import { WordLine } from './step-foot.tsx';
import { say } from '../words/steps.ts';

export function QuestionFoot({
  work,
  acts,
  fields,
  question,
}: {
  work: Work;
  acts: StepActs;
  fields: HTMLFieldSetElement;
  question: string;
}) {
  const answered = acts.answered(question).value;
  const word = acts.word(question).value;
  const answer = (): void => {
    const given = readAnswer(fields, question);
    if (given === null)
      acts.word(question).value = { says: 'this', text: say('Choose or write an answer first.'), bad: true };
    else void acts.answer(given);
  };
  return (
    <div class="lab-answer">
      <button
        type="button"
        class={answered?.right === true ? 'quiet' : 'run'}
        disabled={!isReady(work) || word.says === 'working'}
        onClick={answer}
      >
        {answered === null ? say('Answer') : say('Answer again')}
      </button>
      <WordLine word={word} />
      {answered !== null && (
        <div class={`lab-check ${answered.right ? 'done' : 'not-done'}`} role="status">
          <span aria-hidden="true">{answered.right ? '✓' : '✕'}</span>
          <div>
            <b>{answered.right ? say('Right.') : say('Not right.')}</b> {answered.why}
          </div>
        </div>
      )}
    </div>
  );
}

/** What stands in the fields; null where nothing does. */
function readAnswer(fields: HTMLFieldSetElement, question: string): Answer | null {
  const text = fields.querySelector<HTMLInputElement>('input[type="text"]');
  if (text !== null) return text.value.trim() === '' ? null : { question, text: text.value.trim() };
  const choices = [...fields.querySelectorAll<HTMLInputElement>('input:checked')].map(({ value }) =>
    Number(value),
  );
  return choices.length === 0 ? null : { question, choices };
}
