/** Words of a verb: `key=value` on a command line, and what each verb makes of them. */
import { z } from 'zod';
import { Problem } from '../../../sandbox-server/contract/errors.ts';

/** @throws Problem `bad-request` for a word that is no `key=value` */
export function readArguments(words: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    words.map((word) => {
      const [, key, value] = /^([a-z][a-z0-9-]*)=(.*)$/s.exec(word) ?? [];
      if (key !== undefined && value !== undefined) return [key, value];
      throw new Problem('bad-request', `"${word}" is not of the form key=value.`);
    }),
  );
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };
/** `10s`, `2m`, `1h` or a number of seconds */
export const Duration = z
  .string()
  .regex(/^\d{1,6}(\.\d+)?[smh]?$/, 'a time such as 10s or 5m')
  .transform((text) => parseFloat(text) * (SECONDS[text.at(-1) ?? ''] ?? 1));

/** @throws Problem `bad-request` that names the word that is wrong, missing, or not known */
export function read<Shape extends z.ZodRawShape>(
  shape: Shape,
  words: Readonly<Record<string, string>>,
): z.infer<z.ZodObject<Shape>> {
  const parsed = z.strictObject(shape).safeParse(words);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.join('.') ?? '';
  throw new Problem(
    'bad-request',
    `${where === '' ? '' : `${where}: `}${issue?.message ?? 'not understood'}`,
  );
}
