/** `/jobs` of FTS3's REST interface, `/whoami` beside it. */
import { z } from 'zod';
import { BASE_ID, jobFrom, priorityGiven, Submission, uuid5, VO } from '../jobs/submission.ts';
import type { JobWithFiles } from '../records/records.ts';
import { Refusal } from './access.ts';
import { bearerOf, type App, type Rooms } from './app.ts';
import { parse, parseJson } from './parse.ts';
import { fileView, jobView, unknownJob, type Progress } from './view.ts';

/** Rucio's poller asks for 200 at a time at most by default; addresses of 37 characters each */
const MOST_IDS = 2000;
const Ids = z.object({
  ids: z
    .string()
    .transform((text) => [...new Set(text.split(',').filter((id) => id !== ''))])
    .pipe(z.array(z.string().max(64)).min(1).max(MOST_IDS)),
});
const Fields = z.object({
  files: z
    .string()
    .max(2000)
    .transform((text) => text.split(',').filter((field) => field !== ''))
    .optional(),
});
const List = z.object({
  state_in: z
    .string()
    .max(200)
    .transform((text) => text.split(','))
    .optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});
const Change = z.object({ params: z.looseObject({ priority: z.number().int() }) });

export function jobRoutes(app: App, rooms: Rooms): void {
  const { queue, records, now } = rooms;
  const progress = (): Progress => queue.flights;

  app.get('/whoami', (request) => {
    const { sub } = bearerOf(request);
    return {
      user_dn: sub,
      method: 'oauth2',
      base_id: BASE_ID,
      vos: [VO],
      vos_id: [uuid5(BASE_ID, VO)],
      voms_cred: [],
      delegation_id: uuid5(BASE_ID, sub).replaceAll('-', '').slice(0, 16),
      roles: [],
      level: { transfer: 'user' },
      is_root: false,
    };
  });

  app.route({
    method: ['POST', 'PUT'],
    url: '/jobs',
    handler: async (request) => {
      const submission = parseJson(Submission, request.body);
      const job = jobFrom(submission, { by: bearerOf(request).sub, at: now(), elements: rooms.elements });
      if (!(await queue.submit(job))) throw new Refusal(409, 'The sid provided by the user is duplicated');
      return { job_id: job.id };
    },
  });

  app.get('/jobs', async (request) => {
    const { state_in, limit } = parse(List, request.query);
    const jobs = await records.recent({
      submitter: bearerOf(request).sub,
      most: limit,
      ...(state_in === undefined ? {} : { states: state_in }),
    });
    return jobs.map((job) => jobView({ job, files: [] }, null, progress(), now()));
  });

  app.get('/jobs/:ids', async (request, reply) => {
    const { ids } = parse(Ids, request.params);
    const { files } = parse(Fields, request.query);
    const found = await own(ids, bearerOf(request).sub);
    const views = ids.map((id) => {
      const one = found.get(id);
      return one === undefined ? unknownJob(id) : jobView(one, files ?? null, progress(), now());
    });
    const [only] = views;
    if (views.length > 1) return reply.code(207).send(views);
    // Rucio's poller reads a 404 only as a list; a job it lost it submits again
    return found.size === 1 ? only : reply.code(404).send(views);
  });

  app.get('/jobs/:ids/files', async (request) => {
    const { ids } = parse(Ids, request.params);
    const found = await own(ids, bearerOf(request).sub);
    if (found.size === 0) throw new Refusal(404, `No job with the id "${ids.join(',')}" has been found`);
    return [...found.values()].flatMap(({ job, files }) =>
      files.map((file) => fileView(file, job, progress(), now())),
    );
  });

  app.delete('/jobs/:ids', async (request, reply) => {
    const { ids } = parse(Ids, request.params);
    const { sub } = bearerOf(request);
    const found = await own(ids, sub);
    for (const id of found.keys()) await queue.cancel(id);
    const after = await own(ids, sub);
    const views = ids.map((id) => {
      const one = after.get(id);
      return one === undefined ? unknownJob(id) : jobView(one, null, progress(), now());
    });
    if (views.length > 1) return reply.code(207).send(views);
    if (after.size === 0) throw new Refusal(404, `No job with the id "${ids[0]}" has been found`);
    return views[0];
  });

  app.post('/jobs/:ids', async (request) => {
    const { ids } = parse(Ids, request.params);
    const { params } = parseJson(Change, request.body);
    const { sub } = bearerOf(request);
    const found = await own(ids, sub);
    if (found.size < ids.length)
      throw new Refusal(404, `No job with the id "${ids.find((id) => !found.has(id))}" has been found`);
    for (const id of ids) await queue.prioritise(id, priorityGiven(params.priority));
    const views = [...(await own(ids, sub)).values()].map((one) => jobView(one, null, progress(), now()));
    return views.length === 1 ? views[0] : views;
  });

  /** Somebody else's job is as unknown as none. */
  async function own(ids: readonly string[], submitter: string): Promise<ReadonlyMap<string, JobWithFiles>> {
    const found = await records.jobs(ids);
    return new Map(found.filter(({ job }) => job.submitter === submitter).map((one) => [one.job.id, one]));
  }
}
