/** What pages ask of `npm run dev` (contract/authoring.ts). Checks are told, and labs moved, to authors alone. */
import { z } from 'zod';
import type { LiveLessons } from '../../authoring/index.ts';
import { GUIDES } from '../../catalogue/guides.ts';
import { AuthorStep, FreshLesson, GoTo } from '../../contract/authoring.ts';
import { Problem } from '../../contract/errors.ts';
import type { Place, Step } from '../../contract/lesson.ts';
import { Slug } from '../../contract/names.ts';
import { signedIn } from '../app.ts';
import type { App, Rooms } from '../app.ts';
import type { EventStreams } from '../event-streams.ts';
import { DONE, answers, bytes } from './answers.ts';
import { LabParams } from './labs.ts';

interface Needs extends Pick<Rooms, 'catalogue' | 'checks'> {
  readonly live: Pick<LiveLessons, 'fresh' | 'watch'>;
  readonly streams: Pick<EventStreams, 'openToAll'>;
}
const tags = ['authoring'];
const params = z.object({ course: Slug, lesson: Slug });

export function authoringRoutes(app: App, { catalogue, checks, live, streams }: Needs): void {
  app.get(
    '/api/authoring/events',
    { schema: { tags, response: bytes('text/event-stream of AuthoringNews; begins with `mistakes`') } },
    (_request, reply) => streams.openToAll(reply, (listener) => Promise.resolve(live.watch(listener))),
  );
  app.get(
    '/api/authoring/:course/:lesson',
    { schema: { tags, params, response: answers(FreshLesson) } },
    ({ params: { course, lesson } }) => live.fresh(course, lesson),
  );
  app.get(
    '/api/authoring/:course/:lesson/steps',
    { schema: { tags, params, response: answers(z.array(AuthorStep)) } },
    (request) => {
      author(request);
      const { course, lesson } = request.params;
      const found = catalogue.lesson(course, lesson);
      if (found === undefined) throw new Problem('not-found', 'There is no such lesson.');
      return found.steps.map((step) => stepForAuthor(course, step));
    },
  );
  app.post(
    '/api/labs/:lab/authoring/:lesson',
    { schema: { tags, params: LabParams.extend({ lesson: Slug }), body: GoTo, response: DONE } },
    async (request, reply) => {
      const { lab, lesson } = request.params;
      await checks.goTo(author(request), lab, lesson, request.body.step);
      return reply.code(204).send(null);
    },
  );
}

function author(request: Parameters<typeof signedIn>[0]): ReturnType<typeof signedIn> {
  const who = signedIn(request);
  if (who.entitlements.roles.includes('author')) return who;
  throw new Problem('forbidden', 'This is for authors: sign in as one of them.');
}

function stepForAuthor(course: string, { id, title, place, checks }: Step): AuthorStep {
  const shown = checks.map(({ lang, code, place: where, as }) => ({
    lang,
    code,
    place: fromCheckout(course, where),
    ...(as === undefined ? {} : { as }),
  }));
  return { id, title, place: fromCheckout(course, place), checks: shown };
}

/** A course names its files from the courses' folder on, a guide from the checkout. */
function fromCheckout(course: string, place: Place): Place {
  return course === GUIDES ? place : { ...place, file: `courses/${place.file}` };
}
