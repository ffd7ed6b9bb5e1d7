/** What routes say of their answers in the OpenAPI document: the good one, and a problem for the rest. */
import { z } from 'zod';
import { ProblemBody } from '../../contract/errors.ts';

const PROBLEMS = { '4xx': ProblemBody, '5xx': ProblemBody } as const;
export function answers<T extends z.ZodType>(schema: T) {
  return { 200: schema, ...PROBLEMS };
}
/** Nothing to say but that it was done. */
export const DONE = { 204: z.null().describe('done'), ...PROBLEMS } as const;
export const MADE = { 201: z.null().describe('made'), ...PROBLEMS } as const;
/** Bytes, a page or a stream: described, not checked. */
export function bytes(description: string) {
  return { 200: z.any().describe(description), ...PROBLEMS };
}
