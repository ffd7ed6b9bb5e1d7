/** Durations as authors write them: `10s`, `2m`, `1h`. */
import { z } from 'zod';

const SECONDS = { s: 1, m: 60, h: 3600 } as const;
const SHAPE = /^(\d{1,5})([smh])$/;

/** @returns seconds, or null where the text is no duration between 1 s and an hour. */
export function seconds(text: string): number | null {
  const found = SHAPE.exec(text);
  if (found === null) return null;
  const value = Number(found[1]) * SECONDS[found[2] as keyof typeof SECONDS];
  return value >= 1 && value <= 3600 ? value : null;
}

/** A duration in a fence's options, in seconds once parsed. */
export const Duration = z.string().transform((text, context) => {
  const value = seconds(text);
  if (value !== null) return value;
  context.addIssue({ code: 'custom', message: 'a duration from 1s to 1h, such as 10s or 2m', input: text });
  return z.NEVER;
});
