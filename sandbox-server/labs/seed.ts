/** $PALESTRA_SEED: the same for a learner and course for ever, and nobody else's to guess. */
import { createHmac } from 'node:crypto';

/** @returns 16 hex digits. The parts are joined by NUL, which no id holds: `a-b`+`c` is not `a`+`b-c` (T30). */
export function seedFor(secret: string | Buffer, person: string, course: string): string {
  return createHmac('sha256', secret).update(`seed\0${person}\0${course}`).digest('hex').slice(0, 16);
}
