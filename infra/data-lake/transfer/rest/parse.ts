/** Bodies and questions, parsed once. */
import { z } from 'zod';
import { Refusal } from './access.ts';

/** @throws Refusal 400 with the places that do not fit; never with what stood there: it may be a token */
export function parseJson<T>(schema: z.ZodType<T>, body: unknown): T {
  let value: unknown;
  try {
    value = JSON.parse(typeof body === 'string' ? body : '');
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new Refusal(400, 'The body is no JSON.');
  }
  return parse(schema, value);
}

export function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new Refusal(
    400,
    z
      .prettifyError(result.error)
      .replace(/\s*\n\s*/g, ' ')
      .slice(0, 500),
  );
}
