/** Who is in a class: most do as the lesson says, some do not. */
export type Role = 'steady' | 'mistaken' | 'dropping';

/** One in four makes mistakes, one in seven has a bad network; the first of a class is steady. @param at from 0 */
export function roleOf(at: number): Role {
  if (at % 7 === 2) return 'dropping';
  return at % 4 === 1 ? 'mistaken' : 'steady';
}
