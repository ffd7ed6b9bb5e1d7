/** The tokens a lesson asks for, with the learner's own name where it says `{{user}}`; pure. */
import type { Lesson } from '../contract/lesson.ts';
import type { Need } from './token-renewal.ts';

/** @param login the learner's, as the server knows it: nothing that a client said */
export function needsOf({ needs }: Pick<Lesson, 'needs'>, login: string): Need[] {
  return needs.tokens.map(({ audience, scope }) => ({
    audience,
    scope: scope.replaceAll('{{user}}', login),
  }));
}
