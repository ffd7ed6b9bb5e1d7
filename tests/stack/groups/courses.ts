/** Two courses, each for a group of its own, whose one lesson uses the cluster; and one for everybody that does not. */

const FRONT = {
  audience: 'Whoever runs the tests.',
  authors: ['The Palestra authors'],
  licence: 'CC-BY-4.0',
};
const course = (title: string, groups: readonly string[], lesson: string): string =>
  JSON.stringify({ ...FRONT, title, summary: title, kit: 'base', groups, lessons: [lesson] });

const lesson = (title: string, needs: object): string =>
  [
    '---',
    JSON.stringify({ title, minutes: 5, needs }),
    '---',
    'Look around.',
    '',
    '## Look',
    '',
    '```bash run',
    'true',
    '```',
    '',
  ].join('\n');

export const AUTHORS = 'icsc/palestra/authors';
export const INSTRUCTORS = 'icsc/palestra/instructors';

/** by their path below `courses/` */
export const COURSES: Readonly<Record<string, string>> = {
  'writing/course.yaml': course('For authors', [AUTHORS], '1-jobs'),
  'writing/1-jobs/lesson.md': lesson('Jobs', { cluster: { roles: ['jobs'] } }),
  'teaching/course.yaml': course('For instructors', [INSTRUCTORS], '1-jobs'),
  'teaching/1-jobs/lesson.md': lesson('Jobs', { cluster: { roles: ['jobs'] } }),
  'open/course.yaml': course('For everybody', [], '1-look'),
  'open/1-look/lesson.md': lesson('Look', {}),
};
