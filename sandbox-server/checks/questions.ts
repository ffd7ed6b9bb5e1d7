/** Answers to questions, judged on the server: the page never knows which is right. Pure. */
import type { Answer, Answered } from '../contract/api.ts';
import type { Question } from '../contract/lesson.ts';

/** All right choices and no wrong one. A wrong one that was picked says its own reason, nothing tells which are missing. */
export function judgeChoices(question: Question, answer: Answer): Answered {
  const picked = new Set(answer.choices ?? []);
  const choices = question.choices;
  const wrong = choices.find((choice, i) => picked.has(i) && !choice.right);
  if (wrong !== undefined) return { right: false, why: wrong.why ?? 'Not that one. Try again.' };
  const right =
    choices.every((choice, i) => choice.right === picked.has(i)) && choices.some((choice) => choice.right);
  const unknown = [...picked].some((i) => choices[i] === undefined);
  if (unknown) return { right: false, why: 'There is no such answer. Reload the page and try again.' };
  if (!right)
    return { right: false, why: picked.size === 0 ? 'Pick an answer.' : 'Right so far, but not all of it.' };
  const why = choices.flatMap((choice, i) => (picked.has(i) && choice.why !== undefined ? [choice.why] : []));
  return { right: true, why: why.length > 0 ? why.join(' ') : 'Right.' };
}

/** @param wanted what the answer fence printed */
export function judgeText(wanted: string, answer: Answer): Answered {
  const [given, right] = [plain(answer.text ?? ''), plain(wanted)];
  if (given === '') return { right: false, why: 'Type an answer.' };
  const same = given === right || (isNumber(given) && isNumber(right) && Number(given) === Number(right));
  return same
    ? { right: true, why: 'Right.' }
    : { right: false, why: `'${given.slice(0, 100)}' is not it. Look again.` };
}

function plain(text: string): string {
  return text.trim().replace(/\s+/g, ' ').toLowerCase();
}

function isNumber(text: string): boolean {
  return text !== '' && Number.isFinite(Number(text));
}
