/** What stands at the head of a lesson, and in course.yaml. */
import { z } from 'zod';
import { Mask, Needs } from '../contract/lesson.ts';
import { Slug } from '../contract/names.ts';

const Sentences = z.array(z.string().min(1)).default([]);

const LessonNeeds = z
  .strictObject({
    kit: Slug.optional(),
    services: z.array(Slug).optional(),
    tokens: z.array(z.strictObject({ audience: z.string().min(1), scope: z.string().min(1) })).default([]),
    after: z.array(Slug).default([]),
    resources: Needs.shape.resources,
    cluster: Needs.shape.cluster,
  })
  .prefault({});

export const LessonFront = z.strictObject({
  title: z.string().min(1),
  minutes: z.number().int().positive().max(600),
  questions: Sentences,
  objectives: Sentences,
  keypoints: Sentences,
  leaves: Sentences,
  needs: LessonNeeds,
  mask: z.array(Mask).default([]),
});
export type LessonFront = z.infer<typeof LessonFront>;

/** Of a guide that is proven; the rest of its front matter is the site's. */
export const GuideFront = z.looseObject({
  title: z.string().min(1),
  kit: Slug,
  minutes: z.number().int().positive().max(600).default(10),
  mask: z.array(Mask).default([]),
});

/** A translation repeats words only; minutes and needs are the English lesson's. */
export const TwinFront = z.strictObject({
  title: z.string().min(1),
  questions: Sentences,
  objectives: Sentences,
  keypoints: Sentences,
});

export const CourseFile = z.strictObject({
  title: z.string().min(1),
  summary: z.string().min(1),
  audience: z.string().min(1),
  authors: z.array(z.string().min(1)).min(1),
  licence: z.string().min(1),
  kit: Slug.default('base'),
  services: z.array(Slug).default([]),
  groups: z.array(z.string().min(1)).default([]),
  lessons: z.array(Slug).min(1),
  mask: z.array(Mask).default([]),
});
export type CourseFile = z.infer<typeof CourseFile>;

export const Messages = z.record(z.string().regex(/^[a-z0-9][a-z0-9-]{0,60}$/), z.string().min(1).max(1000));
