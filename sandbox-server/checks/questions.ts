/** Answers to questions, judged on the server: the page never knows which is right. Pure. */
import type { Answer, Answered } from '../contract/api.ts';
import type { Lesson, Question } from '../contract/lesson.ts';
import type { Language } from '../contract/names.ts';
import { WORDS } from './words.ts';

/** The question with the reasons that the learner's page gives for its choices; the English ones where it gives none. */
export function questionIn(
  language: Language,
  { reasons }: Pick<Lesson, 'reasons'>,
  question: Question,
): Question {
  const mine = reasons?.[language]?.[question.id] ?? [];
  const choices = question.choices.map((choice, i) => ({ ...choice, why: mine[i] ?? choice.why }));
  return { ...question, choices };
}

/** All right choices and no wrong one. A wrong one that was picked says its own reason, nothing tells which are missing. */
export function judgeChoices(question: Question, answer: Answer, words = WORDS.en): Answered {
  const picked = new Set(answer.choices ?? []);
  const choices = question.choices;
  const wrong = choices.find((choice, i) => picked.has(i) && !choice.right);
  if (wrong !== undefined) return { right: false, why: wrong.why ?? words.notThatOne };
  const right =
    choices.every((choice, i) => choice.right === picked.has(i)) && choices.some((choice) => choice.right);
  const unknown = [...picked].some((i) => choices[i] === undefined);
  if (unknown) return { right: false, why: words.noSuchAnswer };
  if (!right) return { right: false, why: picked.size === 0 ? words.pick : words.notAll };
  const why = choices.flatMap((choice, i) => (picked.has(i) && choice.why !== undefined ? [choice.why] : []));
  return { right: true, why: why.length > 0 ? why.join(' ') : words.right };
}

/** @param wanted what the answer fence printed */
export function judgeText(wanted: string, answer: Answer, words = WORDS.en): Answered {
  const [given, right] = [plain(answer.text ?? ''), plain(wanted)];
  if (given === '') return { right: false, why: words.type };
  const same = given === right || (isNumber(given) && isNumber(right) && Number(given) === Number(right));
  return same ? { right: true, why: words.right } : { right: false, why: words.isNotIt(given.slice(0, 100)) };
}

function plain(text: string): string {
  return text.trim().replace(/\s+/g, ' ').toLowerCase();
}

function isNumber(text: string): boolean {
  return text !== '' && Number.isFinite(Number(text));
}
