/** A course in a few words, for an event's page: Markdown, or plain HTML as Indico's description takes it. Pure. */
import type { Course, Lesson } from '../../contract/lesson.ts';
import { escaped, lineOf } from '../html.ts';

/** @param address of the course's page; null: it is not said */
export function describeInMarkdown(course: Course, address: string | null): string {
  const lessons = course.lessons.map((lesson, index) => {
    const aims = lesson.objectives.map((objective) => `   - ${objective}\n`);
    return `${index + 1}. **${lesson.title}** (${lesson.minutes} min)\n${aims.join('')}`;
  });
  return [
    `${course.summary}\n`,
    `**For whom.** ${course.audience}\n`,
    `**How long.** ${lengthOf(course.lessons)}\n`,
    `**What to bring.** ${BRING}\n`,
    ...lessons,
    `${credit(course)}${address === null ? '' : ` [The course](${address})`}\n`,
  ].join('\n');
}

/** Without styles, scripts and classes: Indico keeps what is left of HTML. */
export function describeForIndico(course: Course, address: string | null): string {
  const lessons = course.lessons.map(
    (lesson) =>
      `<li><strong>${lineOf(lesson.title)}</strong> (${lesson.minutes} min)${listOf(lesson.objectives)}</li>\n`,
  );
  const link = address === null ? '' : ` <a href="${escaped(address)}">The course</a>`;
  return [
    `<p>${lineOf(course.summary)}</p>\n`,
    `<p><strong>For whom.</strong> ${lineOf(course.audience)}</p>\n`,
    `<p><strong>How long.</strong> ${lengthOf(course.lessons)}</p>\n`,
    `<p><strong>What to bring.</strong> ${BRING}</p>\n`,
    `<ol>\n${lessons.join('')}</ol>\n`,
    `<p>${lineOf(credit(course))}${link}</p>\n`,
  ].join('');
}

const BRING =
  'A laptop with a browser. Nothing has to be installed: each page opens an environment of your own.';

const lengthOf = (lessons: readonly Lesson[]): string =>
  `${lessons.length} ${lessons.length === 1 ? 'lesson' : 'lessons'}, ${lessons.reduce((sum, { minutes }) => sum + minutes, 0)} minutes in all.`;

const credit = ({ authors, licence }: Course): string => `By ${authors.join(', ')}; ${licence}.`;

const listOf = (lines: readonly string[]): string =>
  lines.length === 0 ? '' : `<ul>${lines.map((each) => `<li>${lineOf(each)}</li>`).join('')}</ul>`;
