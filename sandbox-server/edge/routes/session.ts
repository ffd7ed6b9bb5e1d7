/** Who is here, what courses there are and how far this person is. */
import { z } from 'zod';
import { CourseSummary, Session } from '../../contract/api.ts';
import type { Course } from '../../contract/lesson.ts';
import { Slug } from '../../contract/names.ts';
import { Progress } from '../../contract/progress.ts';
import type { SignedIn } from '../../identity/face.ts';
import { signedIn } from '../app.ts';
import type { App, Rooms } from '../app.ts';
import { answers } from './answers.ts';

const DEVELOPMENT_PROVIDER = 'the development sign-in';

export function sessionRoutes(app: App, rooms: Rooms, version: string): void {
  const { identity, kits, catalogue, labs, config, authoring } = rooms;

  app.get('/api/session', { schema: { tags: ['session'], response: answers(Session) } }, ({ who }) => ({
    me: who === null ? null : identity.me(who),
    kits: [...kits.list()],
    version,
    provider: config.oidc?.name ?? DEVELOPMENT_PROVIDER,
    authoring: authoring !== undefined,
  }));

  app.get(
    '/api/courses',
    { schema: { tags: ['courses'], response: answers(z.array(CourseSummary)) } },
    ({ who }) =>
      Promise.all(catalogue.courses.map(async (course) => summaryOf(course, who, await doneIn(course, who)))),
  );

  app.get(
    '/api/courses/:course/progress',
    { schema: { tags: ['courses'], params: z.object({ course: Slug }), response: answers(Progress) } },
    (request) => labs.progress(signedIn(request), request.params.course),
  );

  /** lesson → how many of its steps are done or skipped */
  async function doneIn(course: Course, who: SignedIn | null): Promise<ReadonlyMap<string, number>> {
    const done = new Map<string, number>();
    if (who === null) return done;
    for (const { lesson, state } of (await labs.progress(who, course.id)).steps) {
      if (state === 'done' || state === 'skipped') done.set(lesson, (done.get(lesson) ?? 0) + 1);
    }
    return done;
  }
}

function summaryOf(course: Course, who: SignedIn | null, done: ReadonlyMap<string, number>): CourseSummary {
  return {
    id: course.id,
    title: course.title,
    entitled: who?.entitlements.mayTake(course.groups) ?? false,
    lessons: course.lessons.map(({ id, title, minutes, steps }) => ({
      id,
      title,
      minutes,
      done: done.get(id) ?? 0,
      steps: steps.length,
    })),
  };
}
