/** A fence of a lesson as the script an agent runs: language, blanks filled, fixtures beside it. Pure. */
import type { Fill, Filling, LessonFile } from '../catalogue/face.ts';
import type { RunScript } from '../contract/agent.ts';
import { Problem } from '../contract/errors.ts';
import type { Place } from '../contract/lesson.ts';

export interface Runnable {
  readonly lang: string;
  readonly code: string;
  readonly place: Place;
  /** verbs of this service instead of a script */
  readonly as?: string | undefined;
}
export interface ScriptNeeds {
  readonly lesson: string;
  readonly step?: string;
  readonly filling: Filling;
  readonly fill: Fill;
  readonly fixtures: readonly LessonFile[];
  /** seconds */
  readonly timeout: number;
}
/** Seconds that a fence without a timeout of its own may take. */
export const TIMEOUT = {
  setup: 120,
  undo: 60,
  answer: 30,
  solution: 300,
  ready: 60,
  cleanup: 120,
  when: 10,
} as const;
/** what the contract takes; a course with more is the author's mistake */
const MOST_FIXTURES = 500;

const LANGUAGES: Readonly<Record<string, RunScript['lang']>> = {
  bash: 'bash',
  shell: 'bash',
  sh: 'sh',
  python: 'python',
  python3: 'python',
  py: 'python',
};

/**
 * The agent adds $PALESTRA_USER, $PALESTRA_SEED, $PALESTRA_FIXTURES and $PALESTRA_COMMANDS; from here come
 * $PALESTRA_LESSON and $PALESTRA_STEP. A fact nobody stated yet stays `{{fact:NAME}}`.
 * @throws Problem `internal` naming the place where the fence's language cannot run in a sandbox
 */
export function scriptFor(fence: Runnable, needs: ScriptNeeds): RunScript {
  const lang = Object.hasOwn(LANGUAGES, fence.lang) ? LANGUAGES[fence.lang] : undefined;
  if (lang === undefined) throw fault(fence, `is in '${fence.lang}', which a sandbox cannot run`);
  if (needs.fixtures.length > MOST_FIXTURES)
    throw fault(fence, `has more than ${String(MOST_FIXTURES)} fixtures`);
  return {
    lang,
    code: needs.fill(fence.code, needs.filling).text,
    timeout: needs.timeout,
    fixtures: needs.fixtures.map(({ path, content, executable }) => ({ path, content, executable })),
    env: {
      PALESTRA_LESSON: needs.lesson,
      ...(needs.step === undefined ? {} : { PALESTRA_STEP: needs.step }),
    },
  };
}

/** A place as authors are told it. */
export function at(place: Place): string {
  return `${place.file}:${String(place.line)}`;
}

function fault(fence: Runnable, what: string): Problem {
  return new Problem('internal', `The fence at ${at(fence.place)} ${what}. Tell whoever wrote the lesson.`);
}
