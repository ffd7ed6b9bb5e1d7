/** Whether somebody's groups let them take a lesson: its course, its kit, its tokens. Pure; the answer is a sentence. */
import type { Course, Lesson } from '../contract/lesson.ts';
import type { Entitlements } from './face.ts';

/** @returns why not; null: they may */
export function refusalOf(
  course: Pick<Course, 'title' | 'groups'>,
  { needs }: Pick<Lesson, 'needs'>,
  { mayTake, grants }: Pick<Entitlements, 'mayTake' | 'grants'>,
): string | null {
  if (!mayTake(course.groups))
    return `The course '${course.title}' is open to certain groups, and your account is in none of them. Ask whoever runs it to add you.`;
  if (grants.kits !== null && !grants.kits.includes(needs.kit))
    return `This lesson runs in the kit ${needs.kit}; your groups grant ${named(grants.kits)}.`;
  const denied = needs.tokens.find(({ audience }) => grants.tokens?.includes(audience) === false);
  if (denied !== undefined)
    return `This lesson needs a token for ${denied.audience}; your groups grant tokens for ${named(grants.tokens ?? [])}.`;
  return null;
}

function named(words: readonly string[]): string {
  return words.length === 0 ? 'none' : words.join(', ');
}
