/** What is translated is translated throughout: messages of checks, and lessons of a course. Pure. */
import type { Finding } from './finding.ts';
import { finding } from './page.ts';

export interface LessonWords {
  /** the lesson's folder, relative to the checkout */
  readonly folder: string;
  /** languages of its `lesson.XX.md` */
  readonly twins: readonly string[];
  /** message id → language → sentence */
  readonly messages: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** code of checks, and of the files that they may call */
  readonly checks: readonly { readonly code: string; readonly line: number }[];
  readonly scripts: readonly string[];
}

/** @param lessons of one course */
export function translationFindings(lessons: readonly LessonWords[]): Finding[] {
  const languages = [...new Set(lessons.flatMap(({ twins }) => twins))].sort();
  return lessons.flatMap((lesson) => [
    ...twinFindings(lesson, languages),
    ...sentenceFindings(lesson),
    ...namedFindings(lesson),
  ]);
}

function twinFindings({ folder, twins }: LessonWords, languages: readonly string[]): Finding[] {
  return languages
    .filter((language) => !twins.includes(language))
    .map((language) =>
      finding(
        'missing-translation',
        { file: `${folder}/lesson.md`, line: 1 },
        {
          message: `Other lessons of this course are there in "${language}", this one is not.`,
          expected: `${folder}/lesson.${language}.md`,
          received: 'nothing',
        },
      ),
    );
}

/** Every language that is used, by a twin or by a message, has every sentence. */
function sentenceFindings({ folder, twins, messages }: LessonWords): Finding[] {
  const spoken = new Set([...twins, ...Object.values(messages).flatMap((each) => Object.keys(each))]);
  return Object.entries(messages).flatMap(([id, sentences]) =>
    [...spoken]
      .filter((language) => sentences[language] === undefined)
      .map((language) => {
        const file = language === 'en' ? `${folder}/messages.yaml` : `${folder}/messages.${language}.yaml`;
        return finding(
          'missing-translation',
          { file, line: 1 },
          {
            message: `The message ${id} is missing in "${language}".`,
            expected: `${id}: …`,
            received: `${id} in ${Object.keys(sentences).join(', ')}`,
          },
        );
      }),
  );
}

// as a check says it: at the beginning of a line that it prints
const SAID = /(?:["'`]|\becho\s+|\\n)msg ([a-z0-9][a-z0-9-]{0,60})/g;

function namedFindings({ folder, messages, checks }: LessonWords): Finding[] {
  return checks.flatMap(({ code, line }) =>
    [...code.matchAll(SAID)]
      .filter(([, id = '']) => messages[id]?.['en'] === undefined)
      .map((found) =>
        finding(
          'unknown-message',
          { file: `${folder}/lesson.md`, line: line + code.slice(0, found.index).split('\n').length },
          {
            message: 'This message has no English sentence.',
            expected: `${found[1]}: … in ${folder}/messages.yaml`,
            received: found[0].trim(),
          },
        ),
      ),
  );
}
