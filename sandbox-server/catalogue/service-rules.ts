/** Rules between lessons and the services they name. Pure. */
import type { Lesson } from '../contract/lesson.ts';
import { readVerbLines } from '../contract/verb-lines.ts';
import { READ } from './mistakes.ts';
import type { Mistake } from './mistakes.ts';

/** A service that lessons may name, and what they may ask of it. */
export interface KnownService {
  readonly name: string;
  readonly verbs: readonly string[];
}
type Asked = Lesson['setup'][number];

/** @param file of a lesson's id, as mistakes name it */
export function serviceMistakes(
  lessons: readonly Pick<Lesson, 'id' | 'needs' | 'setup' | 'steps'>[],
  known: readonly KnownService[],
  file: (lesson: string) => string,
): Mistake[] {
  const names = known.map(({ name }) => name);
  return lessons.flatMap((lesson) => {
    const { services } = lesson.needs;
    const strangers = services
      .filter((service) => !names.includes(service))
      .map((service) => ({
        file: file(lesson.id),
        line: 1,
        message: 'needs.services names a service that is not there.',
        expected: names.join(', ') || 'none: no infra/NAME/service.yaml stands here',
        received: service,
        read: READ.front,
      }));
    return [...strangers, ...fencesOf(lesson).flatMap((fence) => fenceMistakes(fence, services, known))];
  });
}

function fencesOf({ setup, steps }: Pick<Lesson, 'setup' | 'steps'>): readonly Omit<Asked, 'kind'>[] {
  return [
    ...setup,
    ...steps.flatMap((step) => [...step.setup, ...step.checks, ...step.undos, ...step.wrongs]),
  ];
}

function fenceMistakes(
  { as, code, place }: Omit<Asked, 'kind'>,
  services: readonly string[],
  known: readonly KnownService[],
): Mistake[] {
  if (as === undefined) return [];
  const say = (message: string, expected: string, received: string, line = 0): Mistake => ({
    file: place.file,
    line: place.line + line,
    message,
    expected,
    received,
    read: READ.fences,
  });
  if (!services.includes(as))
    return [
      say('This block asks a service that the lesson does not need.', `services: [${as}] in needs`, as),
    ];
  const service = known.find(({ name }) => name === as);
  return readVerbLines(code)
    .lines.filter(({ verb }) => service !== undefined && !service.verbs.includes(verb.name))
    .map(({ verb, line }) =>
      say(`The service ${as} has no such verb.`, service?.verbs.join(', ') ?? '', verb.name, line),
    );
}
